import Alarms
import Models

func score(_ model: Model, _ inputs: [Double]) -> Double { model.score(inputs.span) }

/// What reading a document says; nil where it is a model.
func complaint(about text: String) -> String? {
    do throws(ModelError) {
        _ = try ModelFile.read(Array(text.utf8))
        return nil
    } catch {
        return error.description
    }
}
