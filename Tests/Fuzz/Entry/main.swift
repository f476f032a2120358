import FuzzTargets
import Glibc

// libFuzzer at the target that OUTPOST_FUZZ names.

@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ takeInput: @convention(c) (UnsafeRawPointer?, Int) -> CInt
) -> CInt

/// Under the name that libFuzzer's own main, which is linked too but not run, refers to.
@_cdecl("LLVMFuzzerTestOneInput")
func takeInput(_ bytes: UnsafeRawPointer?, _ count: Int) -> CInt {
    if let complaint = FuzzTargets.chosen.complaint(about: UnsafeRawBufferPointer(start: bytes, count: count)) {
        fatalError(complaint)
    }
    return 0
}

var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(runFuzzer(&count, &arguments, takeInput))
