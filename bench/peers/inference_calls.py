# SPDX-License-Identifier: MIT
"""How each rival is called for inference, whatever the network: a function of no arguments that returns an array."""


def torch_on(device):
    """PyTorch as it is fastest on the device: on a GPU in TF32, with the algorithms that it measures."""
    import torch
    if device == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    return torch


def finish(torch, device):
    if device == "cuda":
        torch.cuda.synchronize()


def torch_call(module, x, device, scripted, channels_last):
    """module's probabilities of the array x, which is on the host, and so are they; `module` ends in scores, over axis 1."""
    torch = torch_on(device)
    module, x = torch.nn.Sequential(*module, torch.nn.Softmax(1)).eval().to(device), torch.from_numpy(x)
    if channels_last:
        module, x = module.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    if scripted:
        with torch.inference_mode():
            module = torch.jit.freeze(torch.jit.trace(module, x.to(device)))

    def call():
        with torch.inference_mode():
            return module(x.to(device)).cpu().numpy()

    return call


def onnxruntime_call(path, threads, x, device):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CUDAExecutionProvider"] if device == "cuda" else ["CPUExecutionProvider"])
    feed = {"images": x}
    return lambda: session.run(None, feed)[0]


def openvino_call(path, threads, x):
    import openvino
    core = openvino.Core()
    model = core.read_model(path)
    model.reshape(list(x.shape))
    compiled = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
                                                 "INFERENCE_PRECISION_HINT": "f32", "ENABLE_HYPER_THREADING": True})
    request = compiled.create_infer_request()
    request.set_input_tensor(openvino.Tensor(x))

    def call():
        request.infer()
        return request.get_output_tensor().data

    return call
