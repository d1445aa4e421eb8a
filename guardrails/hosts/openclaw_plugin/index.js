// Asks the script that `guardrails hook install openclaw` wrote, before a tool of an agent runs, and blocks what it
// refuses. It never approves: without a refusal, OpenClaw decides as it would without us. When the script is late or
// killed, the call is blocked; when it is gone, so are the calls whose text has one of the names beside this file.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const LATE = 5000; // milliseconds; OpenClaw itself waits for 15 s
const TOOLS = new Set(["exec", "bash", "shell", "write", "edit", "apply_patch"]);

function ask(script, names, call) {
  return new Promise((resolve) => {
    const text = JSON.stringify(call);
    const child = spawn(script, [], { stdio: ["pipe", "pipe", "pipe"] });
    let reason = "";
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      answer("guardrails did not answer in time");
    }, LATE);
    const answer = (refusal) => {
      clearTimeout(timer);
      resolve(refusal);
    };
    child.stdout.resume();
    child.stderr.on("data", (some) => (reason += some));
    child.stdin.on("error", () => {}); // it need not read what it refuses
    child.on("error", (error) => {
      const named = names.find((name) => text.includes(name));
      answer(named ? `this call names ${named}, and guardrails cannot be asked: ${error.message}` : null);
    });
    child.on("close", (code) => answer(code === 0 ? null : reason.trim() || `guardrails ended with ${code ?? "a signal"}`));
    child.stdin.end(text);
  });
}

export default {
  id: "guardrails-gate",
  name: "Guardrails gate",
  description: "Asks guardrails before an agent's tool runs.",
  register(api) {
    const script = api.pluginConfig?.script ?? "";
    const names = JSON.parse(readFileSync(new URL("names.json", import.meta.url), "utf8"));
    api.on(
      "before_tool_call",
      async (event, context) => {
        if (!TOOLS.has(event.toolName)) return undefined;
        const cwd = api.runtime?.agent?.resolveAgentWorkspaceDir?.(api.config, context?.agentId) ?? process.cwd();
        const call = { cwd, tool_name: event.toolName, tool_input: event.params };
        const reason = await ask(script, names, call);
        return reason === null ? undefined : { block: true, blockReason: reason };
      },
      { priority: 100 },
    );
  },
};
