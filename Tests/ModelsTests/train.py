"""Trains one of each kind of estimator, exports it with etc/models/export_sklearn.py, and writes what it says of many
inputs: train.py EXPORTER DIRECTORY ROWS

Leaves in DIRECTORY, for each name, NAME.json, and NAME.scores: rows of the inputs and the score, as 64-bit floats; and in
names how many inputs each has.
"""

import importlib.util
import os
import pathlib
import pickle
import subprocess
import sys
import warnings

os.environ["OMP_NUM_THREADS"] = "1"  # read when they are imported: threads that wait for each other take all processors

import joblib
import numpy as np
from sklearn import ensemble, linear_model, tree
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

INPUTS = 5


def estimators():
    """Each with what is to be predicted, and what of it is the score."""
    for name, estimator in {
        "linear": linear_model.LinearRegression(), "ridge": linear_model.Ridge(), "lasso": linear_model.Lasso(0.01),
        "elastic-net": linear_model.ElasticNet(0.01),
        "scaled-sgd": make_pipeline(StandardScaler(), linear_model.SGDRegressor(random_state=1)),
        "tree": tree.DecisionTreeRegressor(max_depth=9, random_state=1),
        "extra-tree": tree.ExtraTreeRegressor(max_leaf_nodes=50, random_state=1),
        "forest": ensemble.RandomForestRegressor(30, max_depth=8, random_state=1),
        "extra-trees": ensemble.ExtraTreesRegressor(30, max_depth=8, random_state=1),
        "boosting": ensemble.GradientBoostingRegressor(n_estimators=60, random_state=1),
        "boosting-huber": ensemble.GradientBoostingRegressor(n_estimators=20, loss="huber", init="zero", random_state=1),
        "hist-boosting": ensemble.HistGradientBoostingRegressor(max_iter=40, random_state=1),
        "scaled-hist-boosting": make_pipeline(
            StandardScaler(with_mean=False), ensemble.HistGradientBoostingRegressor(max_iter=10, random_state=1)),
    }.items():
        yield name, estimator, "amount", lambda model, inputs: model.predict(inputs)
    for name, estimator in {
        "logistic": linear_model.LogisticRegression(),
        "scaled-logistic": make_pipeline(StandardScaler(), linear_model.LogisticRegression()),
        "scaled-sgd-classes": make_pipeline(
            StandardScaler(), linear_model.SGDClassifier(loss="log_loss", random_state=1)),
        "tree-classes": tree.DecisionTreeClassifier(max_depth=7, random_state=1),
        "extra-tree-classes": tree.ExtraTreeClassifier(max_depth=7, random_state=1),
        "forest-classes": ensemble.RandomForestClassifier(100, max_depth=8, random_state=1),
        "scaled-forest-classes": make_pipeline(
            StandardScaler(), ensemble.RandomForestClassifier(20, class_weight="balanced", random_state=1)),
        "extra-trees-classes": ensemble.ExtraTreesClassifier(30, max_depth=8, random_state=1),
        "boosting-classes": ensemble.GradientBoostingClassifier(n_estimators=60, random_state=1),
        "boosting-exponential": ensemble.GradientBoostingClassifier(
            n_estimators=30, loss="exponential", random_state=1),
        "hist-boosting-classes": ensemble.HistGradientBoostingClassifier(max_iter=40, random_state=1),
    }.items():
        yield name, estimator, "class", lambda model, inputs: model.predict_proba(inputs)[:, 1]
    for name, estimator in {
        "isolation": ensemble.IsolationForest(n_estimators=100, random_state=1),
        "isolation-some": ensemble.IsolationForest(n_estimators=40, max_features=0.6, max_samples=100, random_state=1),
        "isolation-bootstrap": ensemble.IsolationForest(
            n_estimators=40, max_samples=64, bootstrap=True, contamination=0.1, random_state=1),
        "scaled-isolation": make_pipeline(StandardScaler(), ensemble.IsolationForest(n_estimators=20, random_state=1)),
    }.items():
        yield name, estimator, "nothing", lambda model, inputs: -model.score_samples(inputs)


def near_thresholds(document, inputs, random):
    """Puts at many places what the model compares with: thresholds, and what lies next to them as 32-bit and as 64-bit
    floats."""
    scaling = document.get("scaling")
    members = document.get("trees", [])
    nodes = [(f, t) for member in members for f, t in zip(member["feature"], member["threshold"]) if f >= 0]
    if not nodes:
        return
    for row in inputs[::2]:
        feature, threshold = nodes[random.integers(len(nodes))]
        single = np.float32(threshold)
        value = random.choice([
            threshold, np.nextafter(threshold, np.inf), np.nextafter(threshold, -np.inf), float(single),
            float(np.nextafter(single, np.float32(np.inf))), float(np.nextafter(single, np.float32(-np.inf))),
        ])
        row[feature] = value if not scaling else value * scaling["deviation"][feature] + scaling["mean"][feature]


def main():
    exporter, directory, rows = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    sys.dont_write_bytecode = True  # it would lie among what is installed
    specification = importlib.util.spec_from_file_location("export_sklearn", exporter)
    export_sklearn = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(export_sklearn)
    random = np.random.default_rng(7)
    scales = np.array([1.0, 10.0, 0.01, 300.0, 1.0])
    samples = random.normal(size=(1500, INPUTS)) * scales + np.array([0.0, 50.0, 0.0, 1e3, -7.0])
    amount = samples[:, 0] * 3 + np.sin(samples[:, 1]) + (samples[:, 2] > 0) * samples[:, 4] + random.normal(size=1500)
    targets = {"amount": amount, "class": np.where(amount > np.median(amount), "worn", "good"), "nothing": None}
    names = []
    for name, estimator, target, score in estimators():
        estimator.fit(samples, targets[target])
        features = [f"input {number}" for number in range(INPUTS)]
        export_sklearn.export(estimator, features, directory / f"{name}.json")
        inputs = samples[random.integers(len(samples), size=rows)] + random.normal(size=(rows, INPUTS)) * scales * 0.3
        near_thresholds(export_sklearn.document(estimator, features), inputs, random)
        scores = score(estimator, inputs)
        np.column_stack([inputs, scores]).astype("<f8").tofile(directory / f"{name}.scores")
        names.append(name)
    refusals(export_sklearn, samples, targets["class"])
    command_line(exporter, directory, estimator)
    (directory / "names").write_text("\n".join(names))


def refusals(export_sklearn, samples, classes):
    """What cannot be exported is refused in words."""
    three = np.arange(len(samples)) % 3
    for estimator, part in [
        (linear_model.LogisticRegression(max_iter=20).fit(samples, three), "3 classes"),
        (linear_model.SGDClassifier(loss="hinge").fit(samples, classes), "hinge"),
        (linear_model.LinearRegression().fit(samples, samples[:, :2]), "2 targets"),
        (tree.DecisionTreeRegressor(max_depth=2).fit(samples, samples[:, :2]), "2 targets"),
        (tree.DecisionTreeRegressor(), "not fitted"),
        (make_pipeline(StandardScaler(), linear_model.Ridge()), "not fitted"),
        (ensemble.HistGradientBoostingRegressor(max_iter=2, loss="poisson").fit(samples, three), "poisson"),
        (ensemble.GradientBoostingRegressor(n_estimators=2, init=linear_model.Ridge()).fit(samples, three), "its own"),
        (make_pipeline(StandardScaler(), StandardScaler()).fit(samples), "StandardScaler"),
        (make_pipeline(StandardScaler(), StandardScaler(), linear_model.Ridge()).fit(samples, three), "pipeline"),
        (linear_model.LinearRegression().fit(samples[:, :2], three), "5 names of features"),
    ]:
        try:
            export_sklearn.document(estimator, ["a", "b", "c", "d", "e"])
        except export_sklearn.NotExportable as problem:
            assert part in str(problem), problem
        else:
            raise AssertionError(f"{estimator} was exported")


def command_line(exporter, directory, estimator):
    """From a file to a file, the last of the estimators comes out the same."""
    joblib.dump(estimator, directory / "model.joblib", compress=3)
    (directory / "model.pkl").write_bytes(pickle.dumps(estimator))
    names = ",".join(f"input {number}" for number in range(INPUTS))
    for model in ["model.joblib", "model.pkl"]:
        output = directory / f"{model}.json"
        subprocess.run(
            [sys.executable, exporter, directory / model, "--features", names, "-o", output], check=True)
        assert output.read_bytes() == (directory / "scaled-isolation.json").read_bytes()
    refused = subprocess.run(
        [sys.executable, exporter, directory / "model.pkl", "--features", "one", "-o", directory / "none"],
        stderr=subprocess.PIPE, text=True)
    assert refused.returncode == 1 and "model.pkl: 1 names of features" in refused.stderr, refused.stderr


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # a model for a test need not be a good one
    main()
