"""Rewrites the block-quantised models of the OpenCV Zoo as files of weights.

    python weights.py DIRECTORY-OF-THE-MODELS OUTPUT-DIRECTORY

Writes yunet.safetensors (32-bit floats), sface.safetensors (8 bits for each weight, one scale for each row) and sface-f32.safetensors.
Batch normalisation is multiplied into the layer before it. Needs onnx and numpy. The result is the same in each run.
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

DETECTOR = "face_detection_yunet_2023mar_int8bq.onnx"
RECOGNISER = "face_recognition_sface_2021dec_int8bq.onnx"


def constants(graph):
    """The initializers, with the block-wise quantised ones computed back to float32, and the nodes that are left."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    rest = []
    for node in graph.node:
        known = [values.get(name) for name in node.input]
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "DequantizeLinear":
            data, scales, zeros = (value.astype(np.float32) for value in known)
            axis, block = attributes["axis"], attributes["block_size"]
            spread = lambda value: np.repeat(value, block, axis)
            values[node.output[0]] = (data - spread(zeros)) * spread(scales)
        elif node.op_type == "Reshape" and known[0] is not None:
            values[node.output[0]] = known[0].reshape(known[1])
        elif node.op_type == "Constant":
            values[node.output[0]] = numpy_helper.to_array(attributes["value"])
        else:
            rest.append(node)
    return values, rest


def folded(values, nodes):
    """Multiplies each batch normalisation into the layer beside it and drops what does nothing at inference."""
    makers = {output: node for node in nodes for output in node.output}
    renamed, out = {}, []
    pending = None
    for node in nodes:
        inputs = [renamed.get(name, name) for name in node.input]
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type in ("Dropout", "Flatten"):
            renamed[node.output[0]] = inputs[0]
            continue
        if node.op_type == "BatchNormalization":
            gamma, beta, mean, variance = (values[name].astype(np.float64) for name in inputs[1:])
            scale = gamma / np.sqrt(variance + attributes.get("epsilon", 1e-5))
            shift = beta - mean * scale
            layer = makers.get(inputs[0])
            if layer is not None and layer.op_type in ("Conv", "Gemm") and layer in [n for n, _ in out]:
                weight, bias = layer.input[1], layer.input[2] if len(layer.input) > 2 else None
                kernel = values[weight].astype(np.float64)
                values[weight] = (kernel * scale.reshape([-1] + [1] * (kernel.ndim - 1))).astype(np.float32)
                offset = values[bias].astype(np.float64) if bias else 0.0
                name = bias or weight + "_bias"
                values[name] = (offset * scale + shift).astype(np.float32)
                if not bias:
                    layer.input.append(name)
            else:
                pending = (scale, shift)
            renamed[node.output[0]] = inputs[0]
            continue
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        del copy.input[:]
        copy.input.extend(inputs)
        makers[copy.output[0]] = copy
        if node.op_type == "Gemm" and pending:
            scale, shift = pending
            kernel = values[copy.input[1]].astype(np.float64)
            per = kernel.shape[1] // scale.size
            values[copy.input[2]] = (values[copy.input[2]] + kernel @ np.repeat(shift, per)).astype(np.float32)
            values[copy.input[1]] = (kernel * np.repeat(scale, per)).astype(np.float32)
            pending = None
        out.append((copy, attributes))
    return [node for node, _ in out]


def save(path, tensors):
    """Writes safetensors: the length of the header, the header as JSON, the numbers."""
    header, data = {}, b""
    for name, value in tensors.items():
        raw = np.ascontiguousarray(value).tobytes()
        kind = {"float32": "F32", "int8": "I8"}[value.dtype.name]
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    whole = len(text).to_bytes(8, "little") + text + data
    path.write_bytes(whole)
    print(f"{hashlib.sha256(whole).hexdigest()}  {path.name}  {len(whole)} bytes")


def layers(path):
    """The layers of a model that have weights, in the order in which they run, batch normalisation folded into them."""
    values, nodes = constants(onnx.load(path).graph)
    nodes = folded(values, nodes)
    found = []
    for node in nodes:
        if node.op_type in ("Conv", "Gemm"):
            found.append([node.output[0], node.input[0], *(values[name].astype(np.float32) for name in node.input[1:3])])
        elif node.op_type == "PRelu":
            found[-1].append(values[node.input[1]].reshape(-1).astype(np.float32))
    return found


def detector(source, target):
    # The heads stand in the order of the outputs: what for, then the stride.
    heads = [f"{kind}.{stride}" for kind in ("class", "box", "object", "landmarks") for stride in (8, 16, 32)]
    units = [f"unit.{place}" for place in range(11)] + ["neck.32", "neck.16", "neck.8"] + heads
    names = ["stem"] + [f"{unit}.{part}" for unit in units for part in ("point", "depth")]
    tensors = {}
    for name, (_, _, weight, bias) in zip(names, layers(source), strict=True):
        tensors[name + ".weight"] = weight.reshape(weight.shape[0], -1)
        tensors[name + ".bias"] = bias
    save(target / "yunet.safetensors", tensors)


def recogniser(source, target):
    names = ["stem"] + [f"block.{place}.{part}" for place in range(13) for part in ("depth", "point")] + ["dense"]
    exact, whole = {}, {}
    for name, (_, _, weight, bias, *slope) in zip(names, layers(source), strict=True):
        weight = weight.reshape(weight.shape[0], -1)
        scale = (np.abs(weight).max(axis=1) / 127).astype(np.float32)
        exact[name + ".weight"] = weight
        whole[name + ".weight"] = np.rint(weight / scale[:, None]).astype(np.int8)
        whole[name + ".weight.scale"] = scale
        for tensors in (exact, whole):
            tensors[name + ".bias"] = bias
            if slope:
                tensors[name + ".slope"] = slope[0]
    save(target / "sface-f32.safetensors", exact)
    save(target / "sface.safetensors", whole)


def plain(source, target):
    """Writes the model with its weights as 32-bit floats, for programs that read ONNX."""
    model = onnx.load(source)
    values, nodes = constants(model.graph)
    used = dict.fromkeys(name for node in nodes for name in node.input if name in values)
    # The files list their weights as inputs, too.
    inputs = [model.graph.input[0]]
    initializers = [numpy_helper.from_array(np.ascontiguousarray(values[name]), name) for name in used]
    graph = helper.make_graph(nodes, "plain", inputs, model.graph.output, initializers)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6), target)


if __name__ == "__main__":
    models, output = map(pathlib.Path, sys.argv[1:])
    detector(models / DETECTOR, output)
    recogniser(models / RECOGNISER, output)
