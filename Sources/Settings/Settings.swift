import Alarms

/// All that the configuration files say, checked and with defaults filled in.
public struct Settings: Sendable, Hashable {
    public var gateway: GatewaySettings
    public var log: LogSettings
    public var store: StoreSettings
    /// Of the rules for a series the first one counts. Without any, readings stay until the disk is needed for newer
    /// ones.
    public var retention: [RetentionSettings]
    public var mqtt: [MQTTSettings]
    public var modbus: [ModbusSettings]
    /// Nil: there is none.
    public var modbusServer: ModbusServerSettings?
    public var actions: [ActionSettings]
    public var alarms: AlarmSettings
    public var alarmRules: [AlarmRule]
}

extension Settings {
    /// The root table: a new section is a line here and a file in `Sections`.
    init(_ root: TableReader, hostname: String) {
        let gateway = root.table("gateway") { GatewaySettings($0, hostname: hostname) }
        self.gateway = gateway
        log = root.table("log", LogSettings.init(_:))
        let store = root.table("store", StoreSettings.init(_:))
        self.store = store
        var retentionRules = RetentionRules()
        let retention = root.tables("retention") { table in
            let rule = RetentionSettings(table, widths: store.rollups)
            if let rule { retentionRules.check(rule, table) }
            return rule
        }
        self.retention = retention.compactMap(\.self)
        var connections = ConnectionRules()
        let mqtt = root.tables("mqtt") { table in
            let connection = MQTTSettings(table, gatewayID: gateway.id)
            if let connection { connections.check(connection, table) }
            return connection
        }
        self.mqtt = mqtt.compactMap(\.self)
        var lines = ModbusRules()
        let modbus = root.tables("modbus") { ModbusSettings($0, &lines) }
        self.modbus = modbus.compactMap(\.self)
        modbusServer = root.table("modbus_server", ModbusServerSettings.init(_:))
        var actionRules = ActionRules(gatewayID: gateway.id, brokers: mqtt, lines: modbus)
        let actions = root.tables("action") { table in
            let action = ActionSettings(table, actionRules)
            if let action { actionRules.check(action, table) }
            return action
        }.compactMap(\.self)
        self.actions = actions
        alarms = root.table("alarms") { table in
            let settings = AlarmSettings(table)
            settings.checkActions(actions.map(\.name), table)
            return settings
        }
        var checks = AlarmRuleChecks()
        alarmRules = root.tables("alarm") { AlarmRule($0, &checks) }.compactMap(\.self)
        modbusServer?.check(alarmRules.map(\.name), root.log, root.place(of: "modbus_server"))
        checks.checkVotes(root.log)
        checks.checkActions(actions.map(\.name), root.log)
    }
}

extension Settings {
    /// The commented sample that `outpost config` prints and the package installs.
    public static var sample: [UInt8] { PackageResources.outpost_toml }
}
