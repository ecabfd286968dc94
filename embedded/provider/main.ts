import { providerService } from "./provider-service.ts";
import { startServer } from "./wire/start-server.ts";

/**
 * Runs the stand-in of bpg/proxmox 0.111.1 as a process of its own: `node main.ts <socket>`.
 * Prints `{"reattach": ...}`, the value of TF_REATTACH_PROVIDERS, when it listens; ends on SIGTERM or when its
 * standard input closes, so it never outlives its parent.
 */
async function main(): Promise<void> {
  const socket = process.argv[2];
  if (socket === undefined) throw new Error("usage: main.ts <socket>");
  const server = await startServer(socket, () => providerService(process.env));
  const stop = (): void => {
    void server.stop().then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  // A Ctrl-C reaches the whole process group; Terraform itself decides what happens to a running operation.
  process.on("SIGINT", () => undefined);
  process.stdin.on("end", stop).on("error", stop).resume();
  process.stdout.write(`${JSON.stringify({ reattach: reattachInfo(socket) })}\n`);
}

/** What Terraform and OpenTofu need to find the process. Terraform kills the process of this id on some failures. */
function reattachInfo(socket: string): object {
  return {
    "bpg/proxmox": {
      Protocol: "grpc",
      ProtocolVersion: 6,
      Pid: process.pid,
      Test: true,
      Addr: { Network: "unix", String: socket },
    },
  };
}

await main();
