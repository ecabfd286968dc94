import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { HookLab } from "./hook-lab.ts";

/** The one line between the hook and its machine, which can be cut. */
export interface Relay {
  /** ssh configuration that leads through it. */
  readonly sshConfig: string;
  /** Ends every connection and refuses new ones: so many, or all until mend is called. */
  cut(refusals: number): void;
  mend(): void;
  close(): void;
}

/** Opens a relay to a laboratory's machine on any free port of the loopback interface. */
export async function openRelay(lab: HookLab): Promise<Relay> {
  const sockets = new Set<Socket>();
  let refusals = 0;
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
  };
  const server = createServer((client) => {
    if (refusals > 0) {
      refusals -= 1;
      client.destroy();
      return;
    }
    const machine = track(connect(portOf(lab), "127.0.0.1"));
    track(client).pipe(machine).pipe(client);
    client.on("close", () => machine.destroy());
    machine.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sshConfig = join(lab.temporary, "../relay_config");
  const { port } = server.address() as AddressInfo;
  const lines = [
    "HostName 127.0.0.1",
    `Port ${port}`,
    `IdentityFile "${join(lab.cluster.folder, "id_ed25519")}"`,
    "IdentitiesOnly yes",
  ];
  writeFileSync(sshConfig, `${lines.join("\n")}\n`, { mode: 0o600 });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    sshConfig,
    cut: (count) => {
      refusals = count;
      cut();
    },
    mend: () => {
      refusals = 0;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}

/** Where the machine's SSH server listens now; it is another port after each start. */
function portOf(lab: HookLab): number {
  const config = readFileSync(join(lab.cluster.folder, "ssh_config"), "utf8");
  const section = config
    .split("\nHost ")
    .find((each) => each.split("\n")[0]?.split(" ").includes(lab.machine.address));
  return Number(/^ {2}Port (\d+)$/m.exec(section ?? "")?.[1] ?? 1);
}
