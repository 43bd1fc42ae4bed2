"""Compares faces with ONNX Runtime, on the weights of this repository and on one core: the peer of the row `faces`.

    python faces.py YUNET.safetensors SFACE.safetensors

Writes `ready`, then reads two paths of pictures on a line, separated by a tab, and answers with the seconds and the cosine. Needs
numpy, onnx, onnxruntime and opencv-python-headless, which it decodes, resizes and warps with. It takes the same steps as we do.
"""
import json
import math
import sys
import time

import cv2
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

cv2.setNumThreads(1)
EXPECTED = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]])


def weights(path):
    """The numbers of a file of safetensors, as 32-bit floats."""
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    header, values = json.loads(data[8 : 8 + length]), {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        kind = {"F32": np.float32, "I8": np.int8}[entry["dtype"]]
        values[name] = np.frombuffer(data[start:end], kind).reshape(entry["shape"])
    for name in [name for name in values if name.endswith(".scale")]:
        scale = values.pop(name)
        whole = name.removesuffix(".scale")
        values[whole] = values[whole].astype(np.float32) * scale[:, None]
    return values


class Graph:
    def __init__(self, values):
        self.values, self.nodes, self.used, self.count = values, [], {}, 0

    def node(self, kind, inputs, **attributes):
        self.count += 1
        output = f"t{self.count}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name, value):
        self.used[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def conv(self, given, name, side, stride=1, group=1):
        weight, bias = self.values[name + ".weight"], self.values[name + ".bias"]
        channels = weight.shape[1] // (side * side)
        inputs = [given, self.constant(name + ".w", weight.reshape(-1, channels, side, side)), self.constant(name + ".b", bias)]
        pad = side // 2
        return self.node("Conv", inputs, kernel_shape=[side, side], strides=[stride] * 2, pads=[pad] * 4, group=group)

    def prelu(self, given, name):
        return self.node("PRelu", [given, self.constant(name + ".s", self.values[name + ".slope"].reshape(-1, 1, 1))])

    def session(self, inputs, outputs):
        named = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        graph = helper.make_graph(
            self.nodes, "g", [named(*entry) for entry in inputs], [named(name, None) for name in outputs], list(self.used.values())
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def detector(path):
    graph = Graph(weights(path))
    relu = lambda given: graph.node("Relu", [given])
    unit = lambda given, name: graph.conv(
        graph.conv(given, name + ".point", 1), name + ".depth", 3, group=graph.values[name + ".depth.bias"].size
    )
    given, taken = relu(graph.conv("input", "stem", 3, 2)), []
    for place in range(11):
        if place in (1, 5, 7, 9):
            given = graph.node("MaxPool", [given], kernel_shape=[2, 2], strides=[2, 2])
        given = relu(unit(given, f"unit.{place}"))
        if place in (6, 8, 10):
            taken.append(given)
    outputs, coarser = [], None
    for stride, given in reversed(list(zip((8, 16, 32), taken))):
        if coarser:
            scales = graph.constant("scales", np.array([1, 1, 2, 2], np.float32))
            doubled = graph.node("Resize", [coarser, "", scales], mode="nearest", coordinate_transformation_mode="asymmetric")
            given = graph.node("Add", [given, doubled])
        coarser = relu(unit(given, f"neck.{stride}"))
        outputs += [unit(coarser, f"{kind}.{stride}") for kind in ("class", "object", "box", "landmarks")]
    return graph.session([("input", [1, 3, "h", "w"])], outputs)


def recogniser(path):
    graph = Graph(weights(path))
    given = graph.prelu(graph.conv("data", "stem", 3), "stem")
    strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]
    for place, stride in enumerate(strides):
        depth, point = f"block.{place}.depth", f"block.{place}.point"
        channels = graph.values[depth + ".bias"].size
        given = graph.prelu(graph.conv(given, depth, 3, stride, channels), depth)
        given = graph.prelu(graph.conv(given, point, 1), point)
    flat = graph.node("Reshape", [given, graph.constant("shape", np.array([1, -1], np.int64))])
    dense = [graph.constant("dense.w", graph.values["dense.weight"]), graph.constant("dense.b", graph.values["dense.bias"])]
    return graph.session([("data", [1, 3, 112, 112])], [graph.node("Gemm", [flat, *dense], transB=1)])


def find(session, picture):
    """The surest face of a picture whose sides are at most 320: its middle, size, landmarks and score."""
    height, width = picture.shape[:2]
    padded = cv2.copyMakeBorder(picture, 0, -height % 32, 0, -width % 32, cv2.BORDER_CONSTANT)
    outputs = session.run(None, {"input": padded.astype(np.float32).transpose(2, 0, 1)[None]})
    best = None
    for level, stride in enumerate((32, 16, 8)):
        kind, thing, box, marks = (output[0] for output in outputs[4 * level : 4 * level + 4])
        score = np.sqrt(1 / (1 + np.exp(-kind[0])) / (1 + np.exp(-thing[0])))
        row, column = np.unravel_index(score.argmax(), score.shape)
        if best is None or score[row, column] > best[3]:
            cell = np.array([column, row])
            points = (marks[:, row, column].reshape(5, 2) + cell) * stride
            middle = (box[:2, row, column] + cell) * stride
            best = middle, np.exp(box[2:, row, column]) * stride, points, score[row, column]
    return best


def roll(points):
    across = points[1] - points[0]
    return math.atan2(across[1], across[0])


def again(session, picture, face, turn, side):
    middle, size, _, _ = face
    scale = 2 * max(size) / side
    sin, cos = math.sin(turn) * scale, math.cos(turn) * scale
    out = np.array([[cos, -sin, middle[0] - (cos - sin) * side / 2], [sin, cos, middle[1] - (sin + cos) * side / 2]])
    square = cv2.warpAffine(picture, out, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    middle, size, points, score = find(session, square)
    back = lambda point: out[:, :2] @ point + out[:, 2]
    return back(middle), size * scale, np.array([back(point) for point in points]), score


def embed(sessions, path):
    picture = cv2.imread(path)
    scale = 320 / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    middle, size, points, score = find(sessions[0], small)
    face = middle / scale, size / scale, points / scale, score
    ways = [again(sessions[0], picture, face, roll(face[2]) + turn * math.pi / 2, 160) for turn in (0, 1, 2, 3)]
    face = max(ways, key=lambda way: way[3])
    for _ in range(3):
        before = roll(face[2])
        face = again(sessions[0], picture, face, before, 320)
        if abs(roll(face[2]) - before) < math.radians(3):
            break
    source, target = face[2] - face[2].mean(0), EXPECTED - EXPECTED.mean(0)
    square = (source**2).sum()
    along = (source * target).sum() / square
    across = (source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]).sum() / square
    turn = np.array([[along, -across], [across, along]])
    transform = np.hstack([turn, (EXPECTED.mean(0) - turn @ face[2].mean(0))[:, None]])
    crop = cv2.warpAffine(picture, transform, (112, 112), flags=cv2.INTER_LINEAR)
    data = (crop[:, :, ::-1].astype(np.float32).transpose(2, 0, 1)[None] - 127.5) / 128
    numbers = sessions[1].run(None, {"data": data})[0][0]
    return numbers / np.linalg.norm(numbers)


sessions = detector(sys.argv[1]), recogniser(sys.argv[2])
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    one, other = (embed(sessions, path) for path in line.rstrip("\n").split("\t"))
    cosine = float(one @ other)
    print(time.perf_counter() - start, cosine, flush=True)
