"""The released loop's shape in PyTorch: seconds an iteration, peak memory. Random weights; speed depends on shapes alone.

python3 reference_loop.py CONFIG.json [--device cuda] [--dtype bfloat16] [--grid 40x64] [--layers 16] [--iterations 25] [--share 0.4] [--words 50] [--frozen]

CONFIG.json: a Qwen2.5-VL config (ablations/ActivationReplay.Benchmarks/Shapes/qwen2.5-vl-7b/config.json). Prints one JSON line.
--frozen: weights ask for no gradients, which is the least that the released loop can cost; without it each gets one, too.
"""
import argparse, json, os, time
import torch
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

a = argparse.ArgumentParser()
a.add_argument("config"); a.add_argument("--device", default="cuda"); a.add_argument("--dtype", default="bfloat16"); a.add_argument("--grid", default="40x64")
a.add_argument("--layers", type=int, default=16); a.add_argument("--iterations", type=int, default=25); a.add_argument("--share", type=float, default=0.4)
a.add_argument("--words", type=int, default=50); a.add_argument("--attention", default="sdpa"); a.add_argument("--frozen", action="store_true")
a = a.parse_args()
dtype, dev = getattr(torch, a.dtype), torch.device(a.device)
# Read as from the hub, whose flat form every version understands; ids from the file itself, since versions keep them in different places.
cfg = Qwen2_5_VLConfig.from_pretrained(os.path.dirname(os.path.abspath(a.config)))
raw = json.load(open(a.config))


def model(seed):
    torch.manual_seed(seed)
    with torch.device(dev):
        m = Qwen2_5_VLForConditionalGeneration._from_config(cfg, attn_implementation=a.attention, dtype=dtype)
    return m.to(dev, dtype).eval().requires_grad_(not a.frozen)


base, rlvr = model(0), model(1)
text = getattr(cfg, "text_config", cfg)
h, w = map(int, a.grid.split("x"))
n = h * w // 4
start, end, pad = raw["vision_start_token_id"], raw["vision_end_token_id"], raw["image_token_id"]
vocabulary = rlvr.lm_head.weight.shape[0]
g = torch.Generator().manual_seed(0)
words = lambda k: torch.randint(0, min(vocabulary // 2, 10000), (k,), generator=g).tolist()
ids = torch.tensor([words(20) + [start] + [pad] * n + [end] + words(60)], device=dev)
visual = (ids[0] == pad).nonzero()[:, 0]
pixels = torch.randn(h * w, 3 * 2 * 14 * 14, generator=g).to(dev, dtype)
grid = torch.tensor([[1, h, w]], device=dev)
positions = torch.arange(ids.shape[1], device=dev).view(1, 1, -1).expand(3, 1, -1).clone()
rows, columns = torch.meshgrid(torch.arange(h // 2), torch.arange(w // 2), indexing="ij")
positions[0, 0, visual] = int(visual[0]); positions[1, 0, visual] = int(visual[0]) + rows.flatten().to(dev); positions[2, 0, visual] = int(visual[0]) + columns.flatten().to(dev)


def language(m):
    inner = getattr(m.model, "language_model", m.model)
    return inner


def run(m):
    return m(input_ids=ids, pixel_values=pixels, image_grid_thw=grid, position_ids=positions, output_hidden_states=True, use_cache=False, return_dict=True)


def lens(m, states):
    return m.lm_head(language(m).norm(states))


with torch.no_grad():
    recorded = run(base).hidden_states
    targets = [recorded[l + 1][0, visual] for l in range(a.layers)]
    keep = []
    for t in targets:
        entropy = torch.cat([torch.distributions.Categorical(logits=lens(base, c).float()).entropy() for c in t.split(64)])
        keep.append(entropy.argsort()[: max(1, int(a.share * n))])   # a fixed share, so that the work is known
del recorded
offset = torch.zeros(n, text.hidden_size, device=dev, dtype=torch.float32, requires_grad=True)


def add(_, args, kwargs):
    states = args[0] if args else kwargs["hidden_states"]
    states = states.index_add(1, visual, offset.to(states.dtype).unsqueeze(0))
    return ((states, *args[1:]), kwargs) if args else (args, {**kwargs, "hidden_states": states})


language(rlvr).layers[0].register_forward_pre_hook(add, with_kwargs=True)
optimiser = torch.optim.SGD([offset], lr=10)
sync = torch.cuda.synchronize if dev.type == "cuda" else lambda: None
if dev.type == "cuda":
    resident = torch.cuda.memory_allocated(); torch.cuda.reset_peak_memory_stats()
seconds, losses = [], []
for i in range(a.iterations + 1):                                    # the first is a warm-up
    sync(); began = time.perf_counter()
    optimiser.zero_grad()
    states = run(rlvr).hidden_states
    loss = 0
    for l in range(a.layers):
        with torch.no_grad():
            top = lens(base, targets[l][keep[l]]).float()
            p, index = top.topk(a.words, dim=-1); p = p.log_softmax(-1)
        q = lens(rlvr, states[l][0, visual[keep[l]]]).float().gather(-1, index).log_softmax(-1)
        loss = loss + torch.nn.functional.kl_div(q, p, log_target=True, reduction="batchmean")
    loss = loss / n
    loss.backward(retain_graph=True)                                 # as released: nothing is freed until the next assignment
    optimiser.step()
    losses.append(loss.item())
    sync(); seconds.append(time.perf_counter() - began)
timed = sorted(seconds[1:])
print(json.dumps({
    "visual_tokens": n, "layers": a.layers, "selected": [len(k) for k in keep][0], "dtype": a.dtype, "attention": a.attention, "frozen": a.frozen, "torch": torch.__version__,
    "device": torch.cuda.get_device_name(0) if dev.type == "cuda" else "cpu", "seconds_median": timed[len(timed) // 2], "seconds_min": timed[0], "seconds_all": sum(seconds[1:]),
    "peak_extra_mb": (torch.cuda.max_memory_allocated() - resident) / 1e6 if dev.type == "cuda" else None, "losses": losses[:3] + losses[-1:]}))
