import { readFile } from 'node:fs/promises';
import type { Backup } from '../../backup/catalogue';
import type { DecryptionKey } from '../../backup/encryption/keys';
import { look } from '../../health/look';
import type { Project, Service } from '../../inventory/model';
import type { InventoryKeeper } from '../../inventory/keeper';
import { fileFailure } from '../../operations/files';
import type { Operation } from '../../operations/operation';
import { tryScript } from '../../postgres/runScript';
import { Failure } from '../../protocol/failure';
import type { Restores } from '../../restore/restores';
import type { Schema } from './model';
import { readSchema, readSchemaWithin } from './readSchema';

/** A backup, or a file of SQL, whose schema is read by loading it into a scratch database of a service. */
export interface SchemaFile {
  /** The name of the file. */
  readonly name: string;
  readonly backup: Backup;
  readonly project: Project;
  readonly service: Service;
  /** For a backup that is encrypted. */
  readonly key?: DecryptionKey;
  /** Whether what it says of roles is left out, where the server lacks them. */
  readonly withoutOwners?: boolean;
  /** Of a file that holds several databases, the one that is meant. */
  readonly fromName?: string;
}

export interface FileTools {
  readonly keeper: InventoryKeeper;
  readonly restores: Restores;
}

/** Bytes of a file of SQL that somebody wrote. */
const largestScript = 20_000_000;

/** Reads the schema that a file holds. Rows are not loaded. Throws what a restore throws, and what `runScript` throws of a script. */
export async function readFileSchema({ keeper, restores }: FileTools, file: SchemaFile, operation: Operation): Promise<Schema> {
  const { backup, project, service, key, fromName, withoutOwners = false } = file;
  const server = keeper.serverOf(service);
  if (isScript(backup)) {
    const script = await readScript(backup);
    operation.report({ message: `Running ${file.name} in a scratch database` });
    return restores.lendScratch(service, (database) => tryScript({ server, database, signal: operation.signal }, script, readSchemaWithin));
  }
  const options = { withoutOwners, ...(key === undefined ? {} : { key }), ...(fromName === undefined ? {} : { fromName }) };
  return restores.lendDefinitions({ project, service }, backup, options, operation, (database) =>
    look(server, database, readSchema, { signal: operation.signal }),
  );
}

/** What is text and no dump is what somebody wrote. */
function isScript({ manifest, recognised, file }: Backup): boolean {
  return manifest === undefined && recognised?.kind === 'other' && recognised.packed === 'none' && /\.sql$/i.test(file);
}

async function readScript({ file, sizeBytes }: Backup): Promise<string> {
  if (sizeBytes > largestScript)
    throw new Failure('FILE_LARGE', `${file} is too large for a script.`, 'Name a dump of pg_dump, or a file that has the definitions only.');
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw fileFailure(error, file);
  });
}
