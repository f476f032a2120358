#!/usr/bin/env python3
"""Writes a model of scikit-learn as a file that Outpost scores with: see README.md beside this.

    python export_sklearn.py model.joblib --features vibration,current -o pump.json

or, where the model was trained:

    from export_sklearn import export
    export(model, ["vibration", "current"], "pump.json")

The score is what predict gives for a regressor, the probability of the second class (classes_[1]) for a classifier, and
-score_samples for an IsolationForest: from 0 to 1, and the more, the more abnormal.
"""

import argparse
import json
import math
import sys

import joblib
import numpy as np


class NotExportable(Exception):
    """Says why a model cannot be written."""


def export(model, features, path):
    """Writes `model`, whose inputs are called `features` in the order in which it was trained."""
    text = json.dumps(document(model, features), allow_nan=False)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "\n")


def document(model, features):
    """What `export` writes, as a dictionary."""
    scaling = {}
    if type(model).__name__ == "Pipeline":
        scaling, model = scaling_of_pipeline(model)
    name = type(model).__name__
    if name not in KINDS:
        raise NotExportable(f"{name} is none of the estimators that can be exported: {', '.join(KINDS)}")
    require_fitted(model)
    if len(features) != model.n_features_in_:
        raise NotExportable(f"{len(features)} names of features, and the model was trained with {model.n_features_in_}")
    if len(getattr(model, "classes_", [0, 1])) != 2:
        raise NotExportable(f"{len(model.classes_)} classes, where only two make one score")
    return {"outpost_model": 1, "inputs": list(features), **scaling, **KINDS[name](model)}


def require_fitted(model):
    if not hasattr(model, "n_features_in_"):
        raise NotExportable(f"the {type(model).__name__} is not fitted")


def scaling_of_pipeline(pipeline):
    steps = [step for _, step in pipeline.steps if step is not None and step != "passthrough"]
    names = [type(step).__name__ for step in steps]
    if len(steps) == 1:
        return {}, steps[0]
    if len(steps) != 2 or names[0] != "StandardScaler":
        raise NotExportable(f"a pipeline is a StandardScaler and an estimator, and not {', '.join(names)}")
    scaler = steps[0]
    require_fitted(scaler)
    count = scaler.n_features_in_
    mean = scaler.mean_ if scaler.with_mean else np.zeros(count)
    deviation = scaler.scale_ if scaler.with_std else np.ones(count)
    return {"scaling": {"mean": numbers(mean), "deviation": numbers(deviation)}}, steps[1]


def numbers(array):
    """As Python's own floats, whose repr json.dumps writes: they come back bit for bit."""
    array = np.asarray(array, dtype=np.float64).ravel()
    if not np.isfinite(array).all():
        raise NotExportable("the model has numbers that are not finite: was it trained with missing values?")
    return array.tolist()


# Linear models


def linear(model, link):
    weights, base = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
    if len(weights) != 1 or len(base) != 1:
        raise NotExportable(f"{len(weights)} targets, where only one makes a score")
    return {"kind": "linear", "weights": numbers(weights), "base": numbers(base)[0], "link": link}


def linear_regressor(model):
    return linear(model, "identity")


def logistic_regression(model):
    if getattr(model, "multi_class", None) == "multinomial":
        raise NotExportable("a LogisticRegression with multi_class='multinomial' is no logistic function of one sum")
    return linear(model, "logistic")


def sgd_classifier(model):
    if model.loss != "log_loss":
        raise NotExportable(f"an SGDClassifier has probabilities with loss='log_loss', and not with {model.loss!r}")
    return linear(model, "logistic")


# Trees


def tree(fitted, values, feature_numbers=None):
    """`values` are those of all nodes, of which only those at leaves count; `feature_numbers` says which of the model's
    features are those of the tree, where these are not all of them."""
    leaf = fitted.children_left < 0
    feature = fitted.feature if feature_numbers is None else np.asarray(feature_numbers)[fitted.feature]
    return {
        "feature": np.where(leaf, -1, feature).tolist(),
        "threshold": numbers(np.where(leaf, 0.0, fitted.threshold)),
        "left": np.where(leaf, -1, fitted.children_left).tolist(),
        "right": np.where(leaf, -1, fitted.children_right).tolist(),
        "value": numbers(np.where(leaf, values, 0.0)),
    }


def trees(members, combine, base=0.0, link="identity", precision="float32"):
    return {
        "kind": "trees", "precision": precision, "combine": combine, "base": numbers(base)[0], "link": link,
        "trees": members,
    }


def values_of_tree(model, fitted):
    """The mean, or the share of the second class."""
    if model.n_outputs_ != 1:
        raise NotExportable(f"{model.n_outputs_} targets, where only one makes a score")
    values = fitted.value[:, 0, :]
    return values[:, 1] / values.sum(axis=1) if hasattr(model, "classes_") else values[:, 0]


def decision_tree(model):
    return trees([tree(model.tree_, values_of_tree(model, model.tree_))], "sum")


def random_forest(model):
    members = [member.tree_ for member in model.estimators_]
    return trees([tree(member, values_of_tree(model, member)) for member in members], "mean")


def gradient_boosting(model):
    if model.init is not None and model.init != "zero":
        raise NotExportable("gradient boosting that begins with an estimator of its own")
    is_classifier = hasattr(model, "classes_")
    # Exponential loss makes the logistic function of twice the sum.
    factor = 2.0 if is_classifier and model.loss == "exponential" else 1.0
    # The same for all inputs, as no estimator makes it of them.
    base = factor * model._raw_predict_init(np.zeros((1, model.n_features_in_)))[0, 0]
    members = [member.tree_ for member in model.estimators_[:, 0]]
    return trees(
        [tree(member, factor * (model.learning_rate * member.value[:, 0, 0])) for member in members],
        "sum", base, "logistic" if is_classifier else "identity")


def hist_gradient_boosting(model):
    is_classifier = hasattr(model, "classes_")
    if getattr(model, "is_categorical_", None) is not None:
        raise NotExportable("gradient boosting with features that are categories")
    if not is_classifier and model.loss not in ("squared_error", "absolute_error", "quantile"):
        raise NotExportable(f"a HistGradientBoostingRegressor with loss={model.loss!r}, whose link is not the identity")
    members = []
    for iteration in model._predictors:
        nodes = iteration[0].nodes
        leaf = nodes["is_leaf"].astype(bool)
        members.append({
            "feature": np.where(leaf, -1, nodes["feature_idx"]).tolist(),
            "threshold": numbers(np.where(leaf, 0.0, nodes["num_threshold"])),
            "left": np.where(leaf, -1, nodes["left"].astype(np.int64)).tolist(),
            "right": np.where(leaf, -1, nodes["right"].astype(np.int64)).tolist(),
            "value": numbers(np.where(leaf, nodes["value"], 0.0)),
        })
    link = "logistic" if is_classifier else "identity"
    return trees(members, "sum", model._baseline_prediction, link, "float64")


# Isolation forests


def mean_way(count):
    """The mean length of the way to one of so many in a tree that separates all of them."""
    if count <= 1:
        return 0.0
    if count == 2:
        return 1.0
    return 2.0 * (math.log(count - 1.0) + np.euler_gamma) - 2.0 * (count - 1.0) / count


def isolation_forest(model):
    normalizer = mean_way(model._max_samples)
    if not normalizer > 0:
        raise NotExportable("an IsolationForest whose trees were trained with one sample each")
    members = []
    for member, features in zip(model.estimators_, model.estimators_features_):
        fitted = member.tree_
        way = np.zeros(fitted.node_count)
        for node in range(fitted.node_count):
            if fitted.children_left[node] >= 0:
                way[[fitted.children_left[node], fitted.children_right[node]]] = way[node] + 1
        rest = [mean_way(count) for count in fitted.n_node_samples]
        members.append(tree(fitted, way + rest, features))
    return {"kind": "isolation_forest", "precision": "float32", "normalizer": normalizer, "trees": members}


KINDS = {
    "LinearRegression": linear_regressor,
    "Ridge": linear_regressor,
    "Lasso": linear_regressor,
    "ElasticNet": linear_regressor,
    "SGDRegressor": linear_regressor,
    "LogisticRegression": logistic_regression,
    "SGDClassifier": sgd_classifier,
    "DecisionTreeClassifier": decision_tree,
    "DecisionTreeRegressor": decision_tree,
    "ExtraTreeClassifier": decision_tree,
    "ExtraTreeRegressor": decision_tree,
    "RandomForestClassifier": random_forest,
    "RandomForestRegressor": random_forest,
    "ExtraTreesClassifier": random_forest,
    "ExtraTreesRegressor": random_forest,
    "GradientBoostingClassifier": gradient_boosting,
    "GradientBoostingRegressor": gradient_boosting,
    "HistGradientBoostingClassifier": hist_gradient_boosting,
    "HistGradientBoostingRegressor": hist_gradient_boosting,
    "IsolationForest": isolation_forest,
}


def main():
    parser = argparse.ArgumentParser(
        description="Writes a model of scikit-learn as a file that Outpost scores with.",
        epilog="Loading a .pkl or .joblib file runs whatever program is in it: take none from strangers. "
        f"Estimators: {', '.join(KINDS)}; or a Pipeline of a StandardScaler and one of them.")
    parser.add_argument("model", help="what joblib.dump (.joblib) or pickle.dump has written")
    parser.add_argument("--features", required=True, help="names of the inputs in their order, with commas between them")
    parser.add_argument("-o", "--output", required=True, help="the file to write")
    arguments = parser.parse_args()
    try:
        export(joblib.load(arguments.model), arguments.features.split(","), arguments.output)
    except NotExportable as problem:
        sys.exit(f"{arguments.model}: {problem}")


if __name__ == "__main__":
    main()
