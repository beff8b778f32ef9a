# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Writes OUT/genuine: ledger and weights of a training that was resumed once; OUT/<attack>: the same after an attack;
and OUT/attacks.txt, a line "<attack> <exit code of ledger verify> <with the published head too>" each."""
import copy
import hashlib
import json
import pathlib
import struct
import sys


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def entry(kind, iteration, weights=None, **more):
    line = {"seq": 0, "prev": "", "kind": kind, "iteration": iteration, "file": None, "slice": None, "loss": None,
            "grad_norm": None, "weights_sha256": weights}
    return {**line, **more}


def step(iteration, seed=430):
    order = [0, 1, 2, 3, 2, 0, 3, 1]
    return entry("step", iteration, file=f"brain_acc4_{order[iteration] // 2 + 1}.h5", slice=order[iteration] % 2,
                 loss=0.5 + iteration / 100 + seed / 1e6, grad_norm=2.5)


def relink(lines):
    text, previous = b"", "0" * 64
    for seq, line in enumerate(lines):
        line["seq"], line["prev"] = seq, previous
        data = json.dumps(line, separators=(",", ":")).encode()
        previous = sha256(data)
        text += data + b"\n"
    return text


def weights(value):
    data = struct.pack("<3f", value, value + 1, value + 2)
    header = json.dumps({"conv.weight": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}}).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + data, sha256(b"conv.weight\0" + data)


def training(seed):
    """Two epochs of four steps, a state saved and resumed from in the second."""
    initial, final = sha256(b"initial %d" % seed), weights(seed)[1]
    config = {"epochs": 2, "batch_size": 1, "train_slices": 4, "val_slices": 0, "model": "varnet", "cascades": 1,
              "chans": 2, "sens_chans": 2, "pools": 2, "learning_rate": 1e-3, "precision": "fp32",
              "lr_schedule": {"kind": "constant", "gamma": 0.1, "step_epochs": 1, "warmup_steps": 0},
              "augment": {"flips": True, "turns": False, "accelerations": [4, 8]}, "gradient_checkpointing": False}
    lines = [entry("start", 0, initial, schema="reconproof.ledger", schema_version=1, seed=seed, edition="snu-2025",
                   initial_weights_sha256=initial, data_sha256=sha256(b"data"), config=config, torch="2.1",
                   device="cpu", threads=1)]
    for i in range(8):
        lines.append(step(i, seed))
        if i in (3, 5):
            lines.append(entry("weights", i + 1, sha256(b"%d after %d" % (seed, i))))
        if i == 5:
            lines.append(entry("resume", 6, lines[-1]["weights_sha256"], torch="2.1", changed={}))
    lines.append(entry("weights", 8, final))
    lines.append(entry("end", 8, final, epochs=2, best_val_loss=1))
    return lines


OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
LISTED = []


def write(name, text, value=430):
    (OUT / name).mkdir(parents=True)
    (OUT / name / "ledger.jsonl").write_bytes(text)
    (OUT / name / "best_model.safetensors").write_bytes(weights(value)[0])


def attack(name, change, code=4, relinked=True, needs_head=False, value=430):
    lines = copy.deepcopy(training(430))
    raw = relink(lines).splitlines(keepends=True)
    result = change(lines if relinked else raw)
    lines, raw = (result or lines, raw) if relinked else (lines, result or raw)
    write(name, relink(lines) if relinked else b"".join(raw), value)
    LISTED.append(f"{name} {code} {'head' if needs_head else '-'}")


def set_key(index, **keys):
    return lambda lines: lines[index].update(keys)


if __name__ == "__main__":
    write("genuine", relink(training(430)))
    attack("line_removed", lambda raw: raw[:3] + raw[4:], relinked=False)
    attack("line_changed", lambda raw: raw[:2] + [raw[2].replace(b'"loss":0.5', b'"loss":0.4')] + raw[3:], relinked=False)
    attack("lines_reordered", lambda raw: raw[:2] + [raw[3], raw[2]] + raw[4:], relinked=False)
    attack("line_duplicated", lambda raw: raw[:3] + raw[2:], relinked=False)
    attack("line_torn", lambda raw: raw[:-1] + [raw[-1][:40]], code=3, relinked=False)
    attack("line_appended", lambda lines: lines + [step(0)])
    attack("step_removed", lambda lines: lines[:2] + lines[3:])
    attack("step_duplicated", lambda lines: lines[:3] + [copy.deepcopy(lines[2])] + lines[3:])
    attack("iteration_renumbered", set_key(2, iteration=5))
    attack("tail_cut_off", lambda lines: lines[:-4])
    attack("epoch_cut_off", lambda lines: lines[:6] + [entry("end", 4, lines[5]["weights_sha256"], epochs=1)])
    attack("resume_forged", lambda lines: lines[:4] + [entry("resume", 3, sha256(b"given"), changed={})] + lines[4:])
    attack("resume_of_other_weights", set_key(9, weights_sha256=sha256(b"given")))
    attack("setting_changed", set_key(9, changed={"epochs": {"from": 5, "to": 2}}))
    attack("weights_line_edited", set_key(12, weights_sha256=sha256(b"given")))
    attack("initial_weights_edited", set_key(0, weights_sha256=sha256(b"given")))
    attack("final_weights_exchanged", lambda lines: None, value=7)
    # Whole in every line: only a head that was published, or a replay, tells.
    attack("loss_edited", set_key(2, loss=0.1), needs_head=True)
    attack("spliced_with_another_training", lambda lines: training(431)[:6] + lines[6:], needs_head=True)
    attack("seed_exchanged", set_key(0, seed=431), needs_head=True)
    attack("written_anew_for_given_weights", lambda lines: training(7), needs_head=True, value=7)
    (OUT / "attacks.txt").write_text("\n".join(LISTED) + "\n")
