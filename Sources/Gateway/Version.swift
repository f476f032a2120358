/// What `outpost --version` and the status say.
public let outpostVersion = "0.1.0"
