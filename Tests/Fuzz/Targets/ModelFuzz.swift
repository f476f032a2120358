import Alarms
import Models

/// A file of a model: refused in words, the same the second time, or a model whose scores are the same the second time.
struct ModelFuzz: FuzzTarget {
    func complaint(about input: UnsafeRawBufferPointer) -> String? {
        let bytes = Array(input)
        let (first, second) = (read(bytes), read(bytes))
        switch (first, second) {
        case (.failure(let problem), .failure(let other)):
            if problem.problem.isEmpty { return "a problem that says nothing" }
            return problem == other ? nil : "another problem the second time"
        case (.success(let model), .success(let other)):
            guard (1...ModelInputs.most).contains(model.inputs) else { return "\(model.inputs) inputs" }
            for number in [0, 0.5, -1e9, 1e300, .infinity, .nan] {
                let inputs = Array(repeating: number, count: model.inputs)
                let score = model.score(inputs.span)
                if score.bitPattern != other.score(inputs.span).bitPattern { return "\(score) once" }
            }
            return nil
        default: return "only once a model"
        }
    }

    private func read(_ bytes: [UInt8]) -> Result<Model, ModelError> {
        do throws(ModelError) {
            return .success(try ModelFile.read(bytes))
        } catch {
            return .failure(error)
        }
    }
}
