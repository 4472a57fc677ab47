# Trains the models of this folder and writes what Python predicts for rows that they have not seen, once:
#   python3 -m venv venv && venv/bin/pip install numpy scipy xgboost==3.0.5 && venv/bin/python make.py
#   python3 -m venv later && later/bin/pip install numpy scipy xgboost==3.1.3 && later/bin/python make.py later
# A null is a missing value.
import json
import sys

import numpy as np
import xgboost as xgb

random = np.random.default_rng(7)


def rows(count):
    values = np.column_stack([random.gamma(2, 50, count).round(2), random.integers(18, 90, count), random.integers(0, 2, count), random.normal(0, 1, count)])
    fraud = (values[:, 0] > 120) & (values[:, 1] < 40) | (values[:, 3] > 1.5) | (random.random(count) < 0.03)
    values[random.random(values.shape) < 0.1] = np.nan
    return values, fraud.astype(int)


names = ["amount", "age", "is_new", "drift"]
values, fraud = rows(2000)
named, unnamed = xgb.DMatrix(values, fraud, feature_names=names), xgb.DMatrix(values, fraud)
logistic = dict(objective="binary:logistic", max_depth=3, eta=0.3, seed=1, nthread=1)

if sys.argv[1:] == ["later"]:
    xgb.train(dict(logistic, max_depth=2), unnamed, 2).save_model("later.json")
    sys.exit()

models = {
    "fraud.json": xgb.train(logistic, named, 6),
    "unnamed.json": xgb.train(dict(logistic, max_depth=2), unnamed, 2),
    "dart.json": xgb.train(dict(logistic, booster="dart", rate_drop=0.3), unnamed, 5),
    "softmax.json": xgb.train(dict(logistic, objective="multi:softmax", num_class=3, max_depth=2), xgb.DMatrix(values, fraud + (values[:, 1] > 60)), 2),
}
for name, model in models.items():
    model.save_model(name)
models["fraud.json"].save_model("fraud.ubj")
xgb.train(dict(logistic, objective="multi:softprob", num_class=3, max_depth=1), unnamed, 1).save_model("softprob.json")
xgb.train(dict(objective="binary:logistic", booster="gblinear"), unnamed, 1).save_model("linear.json")
codes = xgb.DMatrix(np.column_stack([values[:, 0], random.integers(0, 3, len(values))]), fraud, feature_types=["float", "c"], enable_categorical=True)
xgb.train(dict(logistic, max_depth=1), codes, 1).save_model("categories.json")

asked, _ = rows(60)
asked[:4] = [[np.nan] * 4, [0, 0, 0, 0], [1e30, -5, 1, 1.5], [120, 40, np.nan, 1.4999999]]
answers = {"rows": [[None if np.isnan(value) else value for value in row] for row in asked.tolist()]}
for name, model in models.items():
    answers[name] = [float(p) for p in model.predict(xgb.DMatrix(asked, feature_names=model.feature_names))]
with open("predictions.json", "w") as file:
    json.dump(answers, file, separators=(",", ":"))
    file.write("\n")
