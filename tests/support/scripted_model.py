"""A model on loopback that asks for one tool call after the other, in the protocol of whichever host is its client.

It knows Anthropic's messages, OpenAI's responses and chat completions, and Gemini's streamGenerateContent, as far as
the hosts ask for them. How many results of tools a request holds says which call is next; after the last it says
"Done.", as it does to requests without tools.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ScriptedModel(ThreadingHTTPServer):
    """Answers on 127.0.0.1; `calls` are the names and arguments of tools, `seen` the results that came back."""

    daemon_threads = True

    def __init__(self, calls: Sequence[tuple[str, dict[str, Any]]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls = list(calls)
        self.seen: list[str] = []
        self.tools: set[str] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def step(self, results: list[str], tools: list[str]) -> tuple[str, dict[str, Any]] | None:
        """The next call for a conversation with these results; None when it is over, or no tool may be used."""
        self.tools |= set(tools)
        if len(results) > len(self.seen):
            self.seen = results
        return self.calls[len(results)] if tools and len(results) < len(self.calls) else None


@contextmanager
def scripted_model(*calls: tuple[str, dict[str, Any]]) -> Iterator[ScriptedModel]:
    """A model for as long as the block lasts."""
    server = ScriptedModel(calls)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedModel

    def do_GET(self) -> None:
        self._answer("application/json", json.dumps({"data": [], "models": []}))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        path = self.path.partition("?")[0]
        for ending, reply in _REPLIES.items():
            if path.endswith(ending):
                events = reply(self.server, asked)
                if ending == "/chat/completions" and not asked.get("stream"):
                    self._answer("application/json", json.dumps(events[0][1] | {"object": "chat.completion"}))
                elif ending == ":generateContent" or (ending == "/messages" and not asked.get("stream")):
                    self._answer("application/json", json.dumps(events[0][1]))
                else:
                    named = (f"event: {name}\n" if name else "" for name, _ in events)
                    lines = (
                        f"{name}data: {json.dumps(event)}\n\n" for name, (_, event) in zip(named, events, strict=True)
                    )
                    end = "data: [DONE]\n\n" if ending == "/chat/completions" else ""
                    self._answer("text/event-stream", "".join(lines) + end)
                return
        self._answer("application/json", "{}")

    def _answer(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def _messages(model: ScriptedModel, asked: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Anthropic's messages; a title or the like is asked for without tools."""
    blocks = [
        block
        for message in asked.get("messages", ())
        if isinstance(message["content"], list)
        for block in message["content"]
    ]
    results = [json.dumps(block.get("content")) for block in blocks if block["type"] == "tool_result"]
    call = model.step(results, [tool["name"] for tool in asked.get("tools", ())])
    whole: dict[str, Any] = {"type": "text", "text": "Done."}
    start, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": "Done."}
    if call:
        start = {"type": "tool_use", "id": f"toolu_{len(results)}", "name": call[0], "input": {}}  # type: ignore[dict-item]
        delta = {"type": "input_json_delta", "partial_json": json.dumps(call[1])}
        whole = start | {"input": call[1]}
    usage = {"input_tokens": 1, "output_tokens": 1}
    about = {"id": "msg_1", "type": "message", "role": "assistant", "model": asked.get("model"), "usage": usage}
    stop = {"stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None}
    if not asked.get("stream"):
        return [("", about | {"content": [whole]} | stop)]
    return [
        (str(event["type"]), event)
        for event in (
            {"type": "message_start", "message": about | {"content": [], "stop_reason": None, "stop_sequence": None}},
            {"type": "content_block_start", "index": 0, "content_block": start},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": stop, "usage": usage},
            {"type": "message_stop"},
        )
    ]


def _responses(model: ScriptedModel, asked: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """OpenAI's responses, as Codex reads them."""
    kinds = ("function_call_output", "custom_tool_call_output", "local_shell_call_output")
    results = [json.dumps(item.get("output")) for item in asked.get("input", ()) if item.get("type") in kinds]
    call = model.step(results, [tool.get("name") or tool["type"] for tool in asked.get("tools", ())])
    item: dict[str, Any] = {
        "type": "message",
        "role": "assistant",
        "id": "msg_1",
        "content": [{"type": "output_text", "text": "Done."}],
    }
    if call:
        told = {"name": call[0], "arguments": json.dumps(call[1]), "call_id": f"call_{len(results)}"}
        item = {"type": "function_call", "id": f"fc_{len(results)}", **told}
    usage = {"input_tokens": 1, "input_tokens_details": None, "output_tokens": 1, "output_tokens_details": None}
    done = {"id": "resp_1", "usage": usage | {"total_tokens": 2}}
    return [
        (str(event["type"]), event)
        for event in (
            {"type": "response.created", "response": {"id": "resp_1"}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": done},
        )
    ]


def _completions(model: ScriptedModel, asked: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """OpenAI's chat completions, as OpenClaw reads them."""
    results = [json.dumps(one.get("content")) for one in asked.get("messages", ()) if one["role"] == "tool"]
    call = model.step(results, [tool["function"]["name"] for tool in asked.get("tools", ())])
    said: dict[str, Any] = {"role": "assistant", "content": "Done."}
    if call:
        function = {"name": call[0], "arguments": json.dumps(call[1])}
        said = {"role": "assistant", "content": None}
        said["tool_calls"] = [{"index": 0, "id": f"call_{len(results)}", "type": "function", "function": function}]
    key = "delta" if asked.get("stream") else "message"
    choice = {"index": 0, key: said, "finish_reason": "tool_calls" if call else "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    about = {"id": "1", "created": 1, "model": asked.get("model"), "object": "chat.completion.chunk"}
    return [("", about | {"choices": [choice], "usage": usage})]


def _contents(model: ScriptedModel, asked: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Gemini's contents."""
    parts = [part for content in asked.get("contents", ()) for part in content.get("parts", ())]
    results = [json.dumps(part["functionResponse"]) for part in parts if "functionResponse" in part]
    declared = [one["name"] for tool in asked.get("tools", ()) for one in tool.get("functionDeclarations", ())]
    call = model.step(results, declared)
    part: dict[str, Any] = {"functionCall": {"name": call[0], "args": call[1]}} if call else {"text": "Done."}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
    return [("", {"candidates": [candidate], "usageMetadata": usage})]


_REPLIES = {
    "/messages": _messages,
    "/responses": _responses,
    "/chat/completions": _completions,
    ":streamGenerateContent": _contents,
    ":generateContent": _contents,
}
