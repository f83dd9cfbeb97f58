import net, { type AddressInfo, type Socket } from 'node:net';
import { atTheEnd } from './shared';

/** A connection to a server that breaks when it is told to. */
export interface CuttingProxy {
  readonly port: number;
  /** Bytes that came through since the last `reset`, to the server and from it. */
  readonly sent: () => number;
  readonly received: () => number;
  /** Sets the counts to zero, breaks the connection after that many bytes in one direction, and takes `more` new ones after that. */
  readonly reset: (cut?: { readonly after: number; readonly more?: number }) => void;
}

/** Starts a proxy in front of a port of this host. */
export async function startCuttingProxy(target: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let counts = { sent: 0, received: 0 };
  let cutAfter = Infinity;
  let more = Infinity;
  const count = (direction: 'sent' | 'received', bytes: number): void => {
    counts[direction] += bytes;
    if (counts[direction] <= cutAfter) return;
    cutAfter = Infinity;
    for (const socket of sockets) socket.destroy();
    if (more === 0) server.close();
  };
  const accept = (client: Socket): void => {
    const upstream = net.connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.on('data', (bytes) => count('sent', bytes.length)).on('close', () => upstream.destroy());
    upstream.on('data', (bytes) => count('received', bytes.length)).on('close', () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  };
  const server = net.createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  atTheEnd(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port,
    sent: () => counts.sent,
    received: () => counts.received,
    reset: (cut) => {
      counts = { sent: 0, received: 0 };
      cutAfter = cut?.after ?? Infinity;
      more = cut?.more ?? Infinity;
      if (!server.listening) server.listen(port, '127.0.0.1');
    },
  };
}
