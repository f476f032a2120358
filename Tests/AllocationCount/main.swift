import Bench
import CountingMalloc

// The allocations of each scene of payloads, once its decoder has seen them, and of each of alarms: a line each of
// allocations, messages, readings and the name. A program of its own, because counting is for no process that has something
// else to do.
func count(_ name: String, _ takeAll: () -> Int) {
    _ = takeAll()
    var readings = 0
    let before = counting_malloc_calls()
    for _ in 0..<100 { readings += takeAll() }
    // Before printing, which allocates for what it prints.
    let allocations = counting_malloc_calls() - before
    print(allocations, readings, readings, "alarms: \(name)", separator: "\t")
}

for var run in AlarmRun.all { count(run.scene.name) { run.takeAll() } }
for var run in DetectorRun.all { count(run.name) { run.takeAll() } }
for run in ModelRun.all { count(run.name) { run.takeAll() } }
for scene in try PayloadScenes.all() {
    var run = try PayloadRun(scene)
    _ = run.decodeAll()  // the runtime makes tables of its own when something happens for the first time
    var readings = 0
    let before = counting_malloc_calls()
    if before == 0 { fatalError("nothing is counted") }
    for _ in 0..<100 { readings += run.decodeAll() }
    let allocations = counting_malloc_calls() - before
    print(allocations, 100 * run.messages, readings, scene.name, separator: "\t")
}
