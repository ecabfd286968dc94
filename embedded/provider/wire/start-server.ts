import { connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** Answers one call of the plugin protocol; `lifetime` ends when the caller is gone. */
type RpcHandler = (request: Record<string, never>, lifetime: AbortSignal) => object | Promise<object>;

/** The handlers of one connection by the name of their call. */
export type RpcHandlers = Readonly<Record<string, RpcHandler>>;

/** What answers one connection. */
export interface RpcService {
  readonly handlers: RpcHandlers;
  /** Called once, when the connection is over. */
  readonly close: () => void;
}

/** A running plugin server. */
export interface PluginServer {
  readonly stop: () => Promise<void>;
}

const service = loadService();

/**
 * Serves the plugin protocol on a unix socket. Every connection gets a service of its own: each is one configured
 * provider of one Terraform run, and nothing in the calls themselves says whose they are.
 */
export async function startServer(socket: string, makeService: () => RpcService): Promise<PluginServer> {
  const clients = new Set<Socket>();
  let connections = 0;
  const listener = createServer((client) => {
    connections += 1;
    clients.add(client);
    client.on("close", () => clients.delete(client));
    client.on("error", () => client.destroy());
    serveConnection(client, `${socket}.${connections}`, makeService()).catch((error: unknown) => {
      client.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject).listen(socket, () => resolve());
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  };
}

// The library tells connections apart only by server, so each connection has one, behind a socket of its own.
async function serveConnection(
  client: Socket,
  socket: string,
  { handlers, close }: RpcService,
): Promise<void> {
  client.on("close", close);
  const server = new Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.enable_channelz": 0,
  });
  server.addService(service, implementation(handlers));
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  const inner = connect(socket);
  inner.on("error", (error) => client.destroy(error));
  inner.on("close", () => client.destroy());
  client.on("close", () => {
    inner.destroy();
    server.forceShutdown();
  });
  client.pipe(inner).pipe(client);
}

function implementation(handlers: RpcHandlers): UntypedServiceImplementation {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [
      name,
      (call: ServerUnaryCall<Record<string, never>, object>, done: sendUnaryData<object>) => {
        const caller = new AbortController();
        call.on("cancelled", () => caller.abort());
        answer(handler, call.request, caller.signal).then(
          (response) => done(null, response),
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
        );
      },
    ]),
  );
}

async function answer(
  handler: RpcHandler,
  request: Record<string, never>,
  lifetime: AbortSignal,
): Promise<object> {
  return handler(request, lifetime);
}

function loadService(): Parameters<Server["addService"]>[0] {
  const file = fileURLToPath(new URL("./tfplugin6.proto", import.meta.url));
  const definition = loadSync(file, { keepCase: true, longs: Number, enums: String, defaults: true });
  const loaded = loadPackageDefinition(definition) as unknown as {
    tfplugin6: { Provider: { service: Parameters<Server["addService"]>[0] } };
  };
  return loaded.tfplugin6.Provider.service;
}
