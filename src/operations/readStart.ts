import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

// A pipe that has taken a file's place does not make anybody wait. Windows has neither.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The first bytes of a file, as many as there are and `limit` at the most. Throws what the file system says. */
export async function readStart(file: string, limit: number): Promise<Buffer> {
  const handle = await open(file, openFlags);
  try {
    const buffer = Buffer.allocUnsafe(limit);
    let filled = 0;
    for (let last = 1; last > 0 && filled < limit; filled += last) last = (await handle.read(buffer, filled, limit - filled, filled)).bytesRead;
    return buffer.subarray(0, filled);
  } finally {
    await handle.close();
  }
}
