import MQTTInput
import Readings
import Settings
import Testing

/// Messages as the makers' devices send them, and what the presets make of them.
@Suite struct PresetTests {
    /// A preset that takes one message after the other.
    private final class Taker {
        private let catalogue = SeriesCatalogue(limit: 1000)
        private let trial: MappingTrial
        private(set) var problems: [String] = []

        init(_ preset: String, _ lines: String = "") throws {
            let topic = "[[mqtt.topic]]\npreset = \"\(preset)\"\n\(lines)"
            trial = MappingTrial(try ConnectionBench.settings(port: 1, topics: topic), catalogue: catalogue)
        }

        /// The readings as `name = value unit quality @time`, of which all but name and value are left out where they are
        /// usual.
        func take(_ topic: String, _ payload: String) -> [String] {
            var readings: [String] = []
            trial.take(
                topic: topic, payload: Array(payload.utf8), arrival: Timestamp(microseconds: 1_700_000_000_000_000)
            ) {
                message in
                if let problem = message.problem { problems.append(problem) }
                readings += message.readings.map { text($0) }
            }
            return readings
        }

        private func text(_ reading: Reading) -> String {
            let definition = catalogue.definition(of: reading.series)
            var text = "\(definition?.name.description ?? "?") = "
            switch reading.value {
            case .number(let number): text += "\(number)"
            case .text(let state): text += state
            case .absent: text += "-"
            }
            if let unit = definition?.unit { text += " " + unit }
            if reading.quality != .good { text += " " + reading.quality.name }
            if reading.time.microseconds != 1_700_000_000_000_000 { text += " @" + reading.time.rfc3339 }
            return text
        }
    }

    @Test func zigbee2mqtt() throws {
        let taker = try Taker("zigbee2mqtt")
        #expect(
            taker.take(
                "zigbee2mqtt/kitchen/sensor",
                #"{"battery":97,"humidity":44.12,"last_seen":1718000000000,"linkquality":131,"temperature":27.3,"#
                    + #""update":{"installed_version":1,"state":"idle"},"voltage":2995,"power_outage_count":null}"#)
                == [
                    "zigbee2mqtt/kitchen/sensor/battery = 97.0", "zigbee2mqtt/kitchen/sensor/humidity = 44.12",
                    "zigbee2mqtt/kitchen/sensor/temperature = 27.3", "zigbee2mqtt/kitchen/sensor/voltage = 2995.0",
                ])
        #expect(
            taker.take(
                "zigbee2mqtt/door", #"{"contact":false,"device":{"friendlyName":"door"},"action":"single"}"#)
                == ["zigbee2mqtt/door/contact = 0.0"])
        #expect(taker.take("zigbee2mqtt/lamp", #"{"state":"ON","brightness":254,"color":{"x":0.3}}"#).count == 2)
        for topic in ["bridge/state", "bridge/devices", "kitchen/sensor/set", "lamp/set/state", "lamp/get"] {
            #expect(taker.take("zigbee2mqtt/" + topic, #"{"state":"online"}"#) == [], "\(topic)")
        }
        #expect(taker.problems == [])
    }

    @Test func anAbsentDeviceIsStale() throws {
        let taker = try Taker("zigbee2mqtt")
        let reading = #"{"temperature":27.3}"#
        for device in ["kitchen", "kitchen/sensor", "kitchen sink"] { _ = taker.take("zigbee2mqtt/\(device)", reading) }
        _ = taker.take("zigbee2mqtt/kitchen/sensor/availability", #"{"state":"online"}"#)
        // Its own series, and none of a device whose name begins as its own does.
        #expect(
            Set(taker.take("zigbee2mqtt/kitchen/availability", #"{"state":"offline"}"#)) == [
                "zigbee2mqtt/kitchen/temperature = - stale", "zigbee2mqtt/kitchen/available = 0.0",
            ])
        // Once is enough.
        #expect(
            taker.take("zigbee2mqtt/kitchen/availability", #"{"state":"offline"}"#) == [
                "zigbee2mqtt/kitchen/available = 0.0"
            ])
        #expect(taker.take("zigbee2mqtt/kitchen", reading) == ["zigbee2mqtt/kitchen/temperature = 27.3"])
        #expect(taker.take("zigbee2mqtt/kitchen/availability", "offline").count == 2)
        #expect(taker.problems == [])
    }

    /// What a rule would leave out is news when the device was gone.
    @Test func theFirstReadingOfOneThatReturnsIsStored() throws {
        let taker = try Taker("zigbee2mqtt", "deadband = 1")
        let reading = #"{"temperature":27.3}"#
        #expect(taker.take("zigbee2mqtt/a", reading).count == 1)
        #expect(taker.take("zigbee2mqtt/a", reading) == [])
        #expect(taker.take("zigbee2mqtt/a/availability", "offline").count == 2)
        #expect(taker.take("zigbee2mqtt/a", reading).count == 1)
        #expect(taker.take("zigbee2mqtt/a", reading) == [])
    }

    @Test func tasmota() throws {
        let taker = try Taker("tasmota")
        #expect(
            taker.take(
                "tele/plug/SENSOR",
                #"{"Time":"2024-02-24T22:20:38","ENERGY":{"TotalStartTime":"2023-01-01T00:00:00","Total":23.5,"Power":12,"#
                    + #""Voltage":231},"DS18B20":{"Id":"0213121E3AAA","Temperature":20.1},"TempUnit":"C"}"#) == [
                    "tasmota/plug/ENERGY/Total = 23.5", "tasmota/plug/ENERGY/Power = 12.0",
                    "tasmota/plug/ENERGY/Voltage = 231.0", "tasmota/plug/DS18B20/Temperature = 20.1",
                ])
        #expect(
            taker.take(
                "tele/plug/STATE",
                #"{"Time":"2024-02-24T22:20:38","Uptime":"1T02:03:04","UptimeSec":93784,"Heap":27,"POWER":"ON","#
                    + #""Wifi":{"AP":1,"SSId":"plant","RSSI":74,"Signal":-63}}"#) == [
                    "tasmota/plug/POWER = 1.0", "tasmota/plug/Wifi/RSSI = 74.0", "tasmota/plug/Wifi/Signal = -63.0",
                ])
        #expect(taker.take("stat/plug/POWER", "OFF") == ["tasmota/plug/POWER = 0.0"])
        #expect(taker.take("stat/plug/POWER2", "ON") == ["tasmota/plug/POWER2 = 1.0"])
        #expect(taker.take("stat/plug/RESULT", #"{"POWER":"OFF"}"#) == [])
        #expect(taker.take("tele/plug/LWT", "Online") == ["tasmota/plug/available = 1.0"])
        #expect(taker.take("tele/plug/LWT", "Offline").count == 9)
        #expect(taker.problems == [])
    }

    @Test func shelly() throws {
        let taker = try Taker("shelly")
        #expect(
            taker.take(
                "shellyplus1pm-a8032ab1fe78/events/rpc",
                #"{"src":"shellyplus1pm-a8032ab1fe78","dst":"shellyplus1pm-a8032ab1fe78/events","method":"NotifyStatus","#
                    + #""params":{"ts":1718000000.13,"switch:0":{"id":0,"output":true,"apower":12.4,"#
                    + #""aenergy":{"by_minute":[1.1,2.2,3.3],"minute_ts":1718000000,"total":33.5}}}}"#) == [
                    "shelly/shellyplus1pm-a8032ab1fe78/switch:0/output = 1.0 @2024-06-10T06:13:20.130000Z",
                    "shelly/shellyplus1pm-a8032ab1fe78/switch:0/apower = 12.4 @2024-06-10T06:13:20.130000Z",
                    "shelly/shellyplus1pm-a8032ab1fe78/switch:0/aenergy/total = 33.5 @2024-06-10T06:13:20.130000Z",
                ])
        #expect(
            taker.take(
                "shellyplus1pm-a8032ab1fe78/events/rpc",
                #"{"method":"NotifyEvent","params":{"ts":1718000001.5,"events":[{"component":"input:0","id":0,"#
                    + #""event":"single_push","ts":1718000001.5}]}}"#) == [])
        #expect(
            taker.take("shellyplus1pm-a8032ab1fe78/online", "false").first
                == "shelly/shellyplus1pm-a8032ab1fe78/switch:0/aenergy/total = - stale")
        #expect(
            taker.take("shellies/shelly1pm-A1B2/relay/0/power", "12.44") == [
                "shelly/shelly1pm-A1B2/relay/0/power = 12.44"
            ])
        #expect(taker.take("shellies/shelly1pm-A1B2/relay/0", "on") == ["shelly/shelly1pm-A1B2/relay/0 = 1.0"])
        #expect(
            taker.take("shellies/shelly1pm-A1B2/relay/0", "overpower") == ["shelly/shelly1pm-A1B2/relay/0 = overpower"])
        #expect(taker.take("shellies/shelly1pm-A1B2/online", "true") == ["shelly/shelly1pm-A1B2/available = 1.0"])
        for topic in ["announce", "shelly1pm-A1B2/announce", "shelly1pm-A1B2/info", "shelly1pm-A1B2/relay/0/command"] {
            #expect(taker.take("shellies/" + topic, "{}") == [], "\(topic)")
        }
        #expect(taker.problems == [])
    }

    @Test func esphome() throws {
        let taker = try Taker("esphome", "base = \"home\"")
        #expect(
            taker.take("home/livingroom/sensor/temperature/state", "21.4") == [
                "esphome/livingroom/sensor/temperature = 21.4"
            ])
        #expect(
            taker.take("home/livingroom/sensor/temperature/state", "nan") == [
                "esphome/livingroom/sensor/temperature = - device_exception"
            ])
        #expect(
            taker.take("home/livingroom/binary_sensor/door/state", "ON") == [
                "esphome/livingroom/binary_sensor/door = 1.0"
            ])
        #expect(
            taker.take("home/livingroom/text_sensor/version/state", "2024.2.1 (a)") == [
                "esphome/livingroom/text_sensor/version = 2024.2.1 (a)"
            ])
        #expect(taker.take("home/livingroom/light/lamp/state", #"{"state":"ON"}"#) == [])
        #expect(taker.take("home/livingroom/status", "offline").count == 4)
        #expect(taker.problems == [])
    }

    @Test func chirpstack() throws {
        let taker = try Taker("chirpstack")
        let up = "application/3a1b/device/0101010101010101/event/up"
        #expect(
            taker.take(
                up,
                #"{"deduplicationId":"f5f1b1c2","time":"2022-07-18T09:34:15.775023242+00:00","deviceInfo":{"tenantId":"5c","#
                    + #""applicationName":"pumps","deviceName":"pump-3","devEui":"0101010101010101","tags":{"hall":"3"}},"#
                    + #""devAddr":"00189440","dr":1,"fPort":1,"fCnt":10,"data":"qg==","object":{"temp":21.5,"on":true},"#
                    + #""rxInfo":[{"gatewayId":"0101","rssi":-36,"snr":10.5}],"txInfo":{"frequency":867100000}}"#) == [
                    "chirpstack/0101010101010101/pump-3/temp = 21.5 @2022-07-18T09:34:15.775023Z",
                    "chirpstack/0101010101010101/pump-3/on = 1.0 @2022-07-18T09:34:15.775023Z",
                    "chirpstack/0101010101010101/pump-3/rssi = -36.0 @2022-07-18T09:34:15.775023Z",
                    "chirpstack/0101010101010101/pump-3/snr = 10.5 @2022-07-18T09:34:15.775023Z",
                ])
        #expect(taker.problems == [])
        // Without a codec nothing is decoded, and that is said.
        #expect(taker.take(up, #"{"time":"2022-07-18T09:34:15Z","deviceInfo":{"deviceName":"p"},"data":"qg=="}"#) == [])
        #expect(taker.problems.count == 2)
        #expect(
            taker.take(
                "application/3a1b/device/0101010101010101/event/status",
                #"{"time":"2022-07-18T09:34:15Z","deviceInfo":{"deviceName":"p"},"margin":7,"batteryLevel":75.5}"#
            ).count == 2)
        #expect(taker.take("application/3a1b/device/0101010101010101/event/join", "{}") == [])
    }

    @Test func homieFive() throws {
        let taker = try Taker("homie")
        let description =
            #"{"homie":"5.0","version":7,"name":"Boiler","nodes":{"tank":{"name":"Tank","properties":{"#
            + #""temp":{"name":"t","datatype":"float","unit":"°C"},"mode":{"datatype":"enum","format":"a,1"},"#
            + #""on":{"datatype":"boolean","settable":true}}}}}"#
        #expect(taker.take("homie/5/boiler/$description", description) == [])
        #expect(taker.take("homie/5/boiler/$state", "ready") == ["homie/boiler/available = 1.0"])
        #expect(taker.take("homie/5/boiler/tank/temp", "20.5") == ["homie/boiler/tank/temp = 20.5 °C"])
        // An enumeration is a text, whatever it looks like.
        #expect(taker.take("homie/5/boiler/tank/mode", "1") == ["homie/boiler/tank/mode = 1"])
        #expect(taker.take("homie/5/boiler/tank/on", "true") == ["homie/boiler/tank/on = 1.0"])
        for topic in ["tank/on/set", "tank/on/$target", "$log/info", "$alert/battery"] {
            #expect(taker.take("homie/5/boiler/" + topic, "false") == [], "\(topic)")
        }
        #expect(
            taker.take("homie/5/boiler/$state", "lost") == [
                "homie/boiler/available = 0.0", "homie/boiler/tank/temp = - °C stale",
                "homie/boiler/tank/mode = - stale", "homie/boiler/tank/on = - stale",
            ])
        #expect(taker.take("homie/5/boiler/$state", "lost") == ["homie/boiler/available = 0.0"])
        #expect(taker.take("homie/5/boiler/tank/temp", "20.5") == ["homie/boiler/tank/temp = 20.5 °C"])
        #expect(taker.take("homie/5/boiler/$state", "disconnected").count == 2)
        #expect(taker.problems == [])
        #expect(taker.take("homie/5/boiler/tank/temp", "warm") == [])
        #expect(taker.take("homie/5/boiler/$state", "gone") == [])
        #expect(taker.problems.count == 2)
    }

    @Test func homieFour() throws {
        let taker = try Taker("homie", "base = \"plant/homie\"\nseries = \"h\"")
        #expect(taker.take("plant/homie/pump/motor/speed", "1400") == ["h/pump/motor/speed = 1400.0"])
        #expect(taker.take("plant/homie/pump/motor/speed/$unit", "rpm") == [])
        #expect(taker.take("plant/homie/pump/motor/speed/$datatype", "integer") == [])
        #expect(taker.take("plant/homie/pump/$nodes", "motor") == [])
        #expect(taker.take("plant/homie/pump/motor/$name", "Motor") == [])
        #expect(taker.take("plant/homie/pump/motor/speed", "1500") == ["h/pump/motor/speed = 1500.0 rpm"])
        #expect(taker.take("plant/homie/pump/motor/mode", "AUTO") == ["h/pump/motor/mode = AUTO"])
        #expect(taker.take("plant/homie/pump/motor/speed/set", "0") == [])
        #expect(taker.problems == [])
    }

    @Test func homeAssistant() throws {
        let taker = try Taker("homeassistant")
        #expect(
            taker.take(
                "homeassistant/sensor/0x00158d0003/temperature/config",
                #"{"availability":[{"topic":"zigbee2mqtt/bridge/state"}],"device":{"identifiers":["zigbee2mqtt_0x00158d"],"#
                    + #""name":"kitchen"},"device_class":"temperature","state_class":"measurement","#
                    + #""state_topic":"zigbee2mqtt/kitchen","unique_id":"0x00158d_temperature","unit_of_measurement":"°C","#
                    + #""value_template":"{{ value_json.temperature }}"}"#) == [])
        #expect(
            taker.take(
                "homeassistant/binary_sensor/0x00158d0003/contact/config",
                #"{"avty_t":"zigbee2mqtt/kitchen/availability","stat_t":"zigbee2mqtt/kitchen","#
                    + #""val_tpl":"{{ value_json['contact'] }}","pl_on":"OPEN","pl_off":"SHUT"}"#) == [])
        #expect(
            taker.take("zigbee2mqtt/kitchen", #"{"temperature":22.5,"contact":"OPEN","battery":97}"#) == [
                "homeassistant/0x00158d0003/contact = 1.0", "homeassistant/0x00158d0003/temperature = 22.5 °C",
            ])
        // Both are of one device, which either topic speaks for.
        #expect(taker.take("zigbee2mqtt/kitchen/availability", "offline").count == 3)
        #expect(taker.take("zigbee2mqtt/bridge/state", #"{"state":"offline"}"#).count == 1)

        // Short names, a base, and a device that announces all it has at once.
        #expect(
            taker.take("homeassistant/sensor/esp/config", #"{"~":"esp/x","stat_t":"~/state","unit_of_meas":"W"}"#) == []
        )
        #expect(taker.take("esp/x/state", "12") == ["homeassistant/esp = 12.0 W"])
        #expect(taker.take("esp/x/state", "unavailable") == ["homeassistant/esp = - W device_exception"])
        #expect(
            taker.take(
                "homeassistant/device/pump/config",
                #"{"dev":{"ids":"pump"},"o":{"name":"x"},"state_topic":"pump/state","cmps":{"#
                    + #""flow":{"p":"sensor","unit_of_measurement":"l/s","value_template":"{{ value_json.flow | float }}"},"#
                    + #""lid":{"p":"binary_sensor","value_template":"{{ value_json[\"lid\"].open }}"}}}"#) == [])
        #expect(
            taker.take("pump/state", #"{"flow":"1.5","lid":{"open":true}}"#) == [
                "homeassistant/pump/flow = 1.5 l/s", "homeassistant/pump/lid = 1.0",
            ])
        #expect(taker.problems == [])

        // What is taken back is no longer listened to.
        #expect(taker.take("homeassistant/device/pump/config", "") == [])
        #expect(taker.take("pump/state", #"{"flow":"1.5"}"#) == [])
        #expect(taker.take("homeassistant/sensor/sum/config", #"{"stat_t":"a","val_tpl":"{{ value|int * 2 }}"}"#) == [])
        #expect(
            taker.problems == [
                #"value_template: "{{ value|int * 2 }}" is more than a way to a value, such as {{ value_json.a.b }}"#
            ])
    }

    @Test func senML() throws {
        let taker = try Taker("senml", "base = \"x/y\"\nseries = \"s\"")
        #expect(
            taker.take("x/y/z", #"[{"bn":"urn:dev:mac:0024:","bt":1718000000,"n":"temp","u":"Cel","v":21.5}]"#) == [
                "s/urn:dev:mac:0024:temp = 21.5 Cel @2024-06-10T06:13:20.000000Z"
            ])
    }
}
