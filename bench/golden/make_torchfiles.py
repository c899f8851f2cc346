"""Makes the small files of PyTorch that the tests of package torchfile read.

    python3 -m venv .venv && .venv/bin/pip install torch==2.15.0 numpy==2.4.6
    .venv/bin/python bench/golden/make_torchfiles.py internal/torchfile/testdata

zip.pth and legacy.pth hold the same state_dict in the two formats of torch.save; object.pth is a module, not a state_dict,
nested.pth a checkpoint around one. old.pth is as Python 2 and PyTorch before 0.4 wrote it, torchvision's oldest files among
them: dictionaries are made from lists of pairs, tensors by _rebuild_tensor with four arguments.
"""

import collections
import pathlib
import pickle
import struct
import sys

import torch

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)

base = torch.arange(12, dtype=torch.float32) / 4
state = collections.OrderedDict(
    [
        ("float32", base.reshape(3, 4)),
        ("transposed", base.reshape(3, 4).t()),  # A view of the same storage.
        ("part", base[5:9]),
        ("float16", torch.tensor([0.5, -2.0, 65504.0, 6e-8], dtype=torch.float16)),
        ("bfloat16", torch.tensor([0.5, -3.140625], dtype=torch.bfloat16)),
        ("float64", torch.tensor([[1 / 3], [1e-300]], dtype=torch.float64)),
        ("scalar", torch.tensor(7.0)),
        ("empty", torch.zeros(0, 3)),
        ("parameter", torch.nn.Parameter(torch.tensor([1.5, 2.5]))),
        ("bn.num_batches_tracked", torch.tensor(3)),
    ]
)
state._metadata = collections.OrderedDict([("", {"version": 1})])

torch.save(state, folder / "zip.pth")
torch.save(state, folder / "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(1, 1), folder / "object.pth")
torch.save({"epoch": 3, "state_dict": state}, folder / "nested.pth")


class OldPickler(pickle.Pickler):
    def persistent_id(self, item):
        if isinstance(item, torch.TypedStorage):
            return "storage", torch.FloatStorage, str(item._cdata), "cuda:0", item.size(), None

    def reducer_override(self, item):
        if isinstance(item, collections.OrderedDict):
            return collections.OrderedDict, ([[key, value] for key, value in item.items()],)
        if isinstance(item, torch.Tensor):
            return torch._utils._rebuild_tensor, (item.storage(), item.storage_offset(), tuple(item.size()), item.stride())
        return NotImplemented


def save_old(tensors, path):
    with open(path, "wb") as file:
        system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
        for item in (0x1950A86A20F9469CFC6C, 1001, system):
            pickle.dump(item, file, protocol=2)
        OldPickler(file, protocol=2).dump(tensors)
        storages = {str(tensor.storage()._cdata): tensor.storage() for tensor in tensors.values()}
        pickle.dump(list(storages), file, protocol=2)
        for storage in storages.values():
            file.write(struct.pack(f"<q{storage.size()}f", storage.size(), *storage.tolist()))
    read = torch.load(path, map_location="cpu")
    assert list(read) == list(tensors) and all(torch.equal(read[name], tensors[name]) for name in read)


save_old(collections.OrderedDict((name, state[name]) for name in ("float32", "part", "scalar")), folder / "old.pth")
