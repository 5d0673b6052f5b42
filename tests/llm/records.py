"""One response, "It is Paris", as each server stores it."""

import json
from dataclasses import dataclass

TEXTS = ["It", " is", " Par", "is"]
LOGPROBS = [-0.7, -0.1, -0.2, -0.4]
TOPS = [{"It": -0.7, "The": -1.2}, {" is": -0.1}, {" Par": -0.2, " Lon": -2.0}, {"is": -0.4}]


@dataclass
class Logprob:
    logprob: float
    rank: int
    decoded_token: str


@dataclass
class CompletionOutput:
    token_ids: list
    logprobs: list


class RequestOutput:
    def __init__(self, outputs):
        self.outputs = outputs


class Client:
    """What a client built on pydantic returns."""

    def __init__(self, content):
        self._content = content

    def model_dump(self):
        return self._content


def chat_tokens():
    return [
        {
            "token": text,
            "logprob": logprob,
            "top_logprobs": [{"token": t, "logprob": lp} for t, lp in top.items()],
        }
        for text, logprob, top in zip(TEXTS, LOGPROBS, TOPS, strict=True)
    ]


def vllm_positions():
    """Token ids of position i are 10 i, 10 i + 1, ...; the sampled one is written last."""
    return [
        {
            10 * i + j: {"logprob": lp, "rank": j + 1, "decoded_token": t}
            for j, (t, lp) in reversed(list(enumerate(top.items())))
        }
        for i, top in enumerate(TOPS)
    ]


def shapes():
    """Name and record of every shape that tells the tokens and their texts."""
    chat = {"content": chat_tokens(), "refusal": None}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "It is Paris"},
        "logprobs": chat,
    }
    completion = {
        "tokens": TEXTS,
        "token_logprobs": LOGPROBS,
        "top_logprobs": TOPS,
        "text_offset": [0],
    }
    vllm = {"token_ids": [0, 10, 20, 30], "logprobs": vllm_positions()}
    objects = [
        {key: Logprob(**value) for key, value in position.items()} for position in vllm_positions()
    ]
    tgi = [
        {"id": i, "text": t, "logprob": lp, "special": False}
        for i, (t, lp) in enumerate(zip(TEXTS, LOGPROBS, strict=True))
    ]
    tgi_end = {"id": 9, "text": "</s>", "logprob": -3.0, "special": True}
    part = {"type": "output_text", "text": "It is Paris", "logprobs": chat_tokens()}
    message = {"type": "message", "content": [part]}
    return {
        "openai chat completion": {"id": "x", "choices": [choice, {}], "usage": {}},
        "openai choice": choice,
        "openai logprobs": chat,
        "openai tokens": chat_tokens(),
        "openai object": Client({"choices": [choice]}),
        "openai JSON": json.dumps({"choices": [choice]}),
        "openai completion": {"choices": [{"text": "It is Paris", "logprobs": completion}]},
        "openai response": {"output": [{"type": "reasoning", "content": []}, message]},
        "vllm output": {"outputs": [vllm], "prompt_logprobs": None},
        "vllm JSON": json.dumps(vllm),
        "vllm objects": RequestOutput([CompletionOutput([0, 10, 20, 30], objects)]),
        "tgi": {"generated_text": "It is Paris", "details": {"tokens": [*tgi, tgi_end]}},
        "scores": {"tokens": TEXTS, "logprobs": LOGPROBS},
        "sentencepiece": {
            "tokens": ["It", "\u2581is", "\u2581Par", "is"],
            "transition_scores": LOGPROBS,
        },
    }
