"""Runs a network with PyTorch, at its fastest settings on a CPU: channels_last, fused Adam.

Variants: `eager`; `compiled` by torch.compile (needs a C++ compiler); both followed by `-bf16`, training only,
under torch.autocast; `traced`, forward only, with torch.jit.trace and torch.jit.optimize_for_inference. How it
is asked to: peer.py.
Measured with torch 2.15.0 (pip install torch numpy).
"""

import itertools

import peer


def network(job):
    """The network as a torch.nn.Sequential, and its batches: (images, labels)."""
    import torch
    from torch_network import sequential
    torch.manual_seed(0)
    model, _ = sequential(job.layers, job.input)
    batches = [(torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(labels))
               for images, labels in job.batches()]
    return model.to(memory_format=torch.channels_last), batches


def build(job):
    import torch
    torch.set_num_threads(job.threads)
    torch.set_flush_denormal(True)
    model, batches = network(job)
    batches = itertools.cycle(batches)
    version = f"torch {torch.__version__}"
    if not job.trains:
        return version, forward(torch, model.eval(), batches, job.variant)

    halves = job.variant.endswith("-bf16")
    if job.variant.startswith("compiled"):
        model = torch.compile(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=job.learning_rate, fused=True)
    criterion = torch.nn.CrossEntropyLoss()

    def run(steps):
        for _ in range(steps):
            images, labels = next(batches)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=halves):
                loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return loss.item()

    return version, run


def forward(torch, model, batches, variant):
    if variant == "traced":
        with torch.no_grad():
            model = torch.jit.optimize_for_inference(torch.jit.trace(model, next(batches)[0]))
    elif variant == "compiled":
        import torch._inductor.config
        torch._inductor.config.freezing = True
        model = torch.compile(model)

    def run(steps):
        # torch.compile freezes weights under no_grad alone.
        with torch.no_grad() if variant == "compiled" else torch.inference_mode():
            for _ in range(steps):
                model(next(batches)[0])

    return run


if __name__ == "__main__":
    peer.serve(build)
