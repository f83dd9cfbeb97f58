import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';
import { copyLive } from './live';
import type { VolumePlan } from './plan';
import { copyStopped, type StoppedRequest } from './stopped';
import type { VolumeReceipt, WritePiece } from './stream';

export interface CopyRequest extends Omit<StoppedRequest, 'dataDirectory' | 'packer'> {
  /** In `pg_stat_activity`, so that what is left of an interrupted copy can be told from others. */
  readonly applicationName: string;
}

/**
 * Copies a data directory as planned, and hands the packed tar to `write` piece by piece.
 * Throws what `copyLive` and `copyStopped` throw; whatever was written until then is to be thrown away.
 */
export async function copyVolume(plan: VolumePlan, request: CopyRequest, write: WritePiece, operation: Operation): Promise<VolumeReceipt> {
  const { server, applicationName } = request;
  const { mode, packer, dataDirectory } = plan;
  if (mode === 'stopped') return copyStopped({ ...request, packer, dataDirectory }, write, operation);
  if (server !== undefined) return copyLive(server, packer, applicationName, write, operation);
  throw new Failure('SERVICE_NOT_RUNNING', 'The service has been stopped meanwhile.', 'Start it, then try again.');
}
