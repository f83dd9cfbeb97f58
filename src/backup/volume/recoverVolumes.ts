import { hostname, uptime } from 'node:os';
import type { InventoryKeeper } from '../../inventory/keeper';
import { asFailure } from '../../protocol/failure';
import { startAgain } from './halt';
import type { HaltedEntry, HaltedStore } from './halted';
import { isAlive, sweepThrowaways } from './throwaway';

/** Starts what a crash in mid-copy left stopped, and sweeps throwaway containers. Gives a sentence for each. Never throws. */
export async function recoverVolumes(keeper: InventoryKeeper, halted: HaltedStore): Promise<readonly string[]> {
  const connected = keeper.current.endpoints.filter(({ state }) => state === 'connected');
  const sentences: string[] = [];
  for (const entry of (await halted.entries().catch(() => [])).filter(isAbandoned)) {
    if (connected.some(({ id }) => id === entry.endpointId)) sentences.push(await startHalted(keeper, halted, entry));
  }
  for (const { id } of connected) await sweepThrowaways(keeper.engineOf(id)).catch(() => 0);
  return sentences;
}

/** Whether a process that noted what it has to undo can no longer do so. Another host's process cannot be asked. */
export function isAbandoned({ process: { host, pid }, since }: Pick<HaltedEntry, 'process' | 'since'>): boolean {
  const hostStarted = Date.now() - uptime() * 1000;
  return host === hostname() && (!isAlive(pid) || Date.parse(since) < hostStarted);
}

async function startHalted(keeper: InventoryKeeper, halted: HaltedStore, entry: HaltedEntry): Promise<string> {
  const { endpointId, containers, project, service } = entry;
  try {
    await startAgain(keeper.engineOf(endpointId), containers);
    await halted.remember(entry, []);
    return `${project}/${service}, which an interrupted backup of its volume had stopped, was started again.`;
  } catch (error) {
    return `${project}/${service}, which an interrupted backup had stopped, could not be started: ${asFailure(error).message}`;
  }
}
