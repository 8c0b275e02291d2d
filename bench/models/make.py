"""Writes the models of this folder: python3 make.py (torch 2.6, onnx 1.17).

Each is what torch.onnx.export writes, without its weights: a stored tensor is external data under the name of PyTorch's
parameter, with ".transposed" where the exporter has transposed it. The comparison draws the weights.
"""

import io
import pathlib
import sys

import numpy as np
import onnx
import torch
from onnx import numpy_helper

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "peers"))
from imported_models import NETWORKS  # noqa: E402

for name, (network, shape) in NETWORKS.items():
    torch.manual_seed(0)
    model = network().eval()
    with torch.no_grad():
        # Distinct numbers, by which the exporter's tensors are recognized.
        for value in model.state_dict().values():
            if value.is_floating_point():
                value.copy_(1 + torch.rand_like(value))
    file = io.BytesIO()
    torch.onnx.export(
        model,
        (torch.randn(shape),),
        file,
        input_names=["x"],
        output_names=["y"],
        opset_version=17,
        training=torch.onnx.TrainingMode.PRESERVE,
        dynamo=False,
    )
    proto = onnx.load_model_from_string(file.getvalue())
    known = {key: value.numpy() for key, value in model.state_dict().items() if value.is_floating_point()}
    names = {}
    for tensor in proto.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32:
            continue
        for key, original in known.items():
            for form, suffix in ((original.T, ".transposed"), (original, "")):
                if form.shape == value.shape and np.array_equal(form, value):
                    names[tensor.name] = key + suffix
        if tensor.name not in names:
            continue
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", names[tensor.name]
        tensor.name = names[tensor.name]
    for node in proto.graph.node:
        for i, given in enumerate(node.input):
            node.input[i] = names.get(given, given)
        node.doc_string = ""
    (HERE / f"{name}.onnx").write_bytes(proto.SerializeToString())
    print(name, len(proto.graph.node), "nodes,", len(names), "of", len(known), "tensors")
