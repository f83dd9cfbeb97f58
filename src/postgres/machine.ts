import { readExec } from '../engine/exec';
import { readServerFacts } from './catalogue';
import type { PostgresServer } from './server';
import type { Session } from './session';

/** The disk that a cluster lies on, as its container sees it. */
export interface ClusterDisk {
  /** Undefined where it cannot be told. */
  readonly freeBytes: number | undefined;
  /** As `stat -f` calls it, such as `xfs` or `ext2/ext3`; undefined where it cannot be told. */
  readonly fileSystem: string | undefined;
}

/** What a server has to work with. */
export interface ServerMachine extends ClusterDisk {
  /** Processors that the container may use; 1 where it cannot be told. */
  readonly processors: number;
}

const look = 'nproc 2>/dev/null || echo 1; df -Pk "$1" | tail -n 1; stat -f -c %T "$1" 2>/dev/null; true';

/** Asks the container of a server that a session leads to. */
export async function readMachine(server: PostgresServer, session: Session): Promise<ServerMachine> {
  const { dataDirectory } = await readServerFacts(session);
  const { stdout } = await readExec(server.engine, { container: server.container, argv: ['sh', '-c', look, 'sh', dataDirectory] });
  const [processors, line = '', fileSystem = ''] = stdout.trim().split('\n');
  const kilobytes = Number(line.split(/\s+/)[3]);
  return {
    processors: Number(processors) || 1,
    freeBytes: Number.isFinite(kilobytes) ? kilobytes * 1024 : undefined,
    fileSystem: fileSystem === '' ? undefined : fileSystem,
  };
}
