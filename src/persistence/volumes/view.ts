import type { VolumeKind } from '../../inventory/model';
import type { VolumeUndoRecord } from '../../inventory/volumeUndo';
import type { VolumeUser } from '../../operations/volumeUsers';

/** A volume, or a folder of the host that holds a data directory, with what is known of it without looking inside. */
export interface VolumeView {
  readonly endpointId: string;
  /** The volume's name, or the folder. */
  readonly name: string;
  readonly kind: VolumeKind;
  /** The Compose project that it belongs to. */
  readonly project?: string;
  /** The service whose database lies in it. */
  readonly service?: string;
  /** Where the server's data directory is in it; empty for the volume itself. Absent where no service is known to have it. */
  readonly folder?: string;
  readonly driver?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly users: readonly VolumeUser[];
  /** Present for what a restore replaced. */
  readonly undo?: VolumeUndoRecord;
}

/** A cluster that was found in a volume. */
export interface FoundCluster {
  /** In the volume; empty for the volume itself. */
  readonly folder: string;
  readonly major: number;
  /** `uid:gid`. */
  readonly owner: string;
  /** Such as `700`. */
  readonly mode: string;
}

/** What a look into a volume shows. */
export interface VolumeContent {
  readonly sizeBytes: number;
  readonly clusters: readonly FoundCluster[];
}

/** Names as the command line and dialogs write them. */
export function userNames({ users }: VolumeView): string {
  return users.map(({ name, running }) => (running ? name : `${name} (stopped)`)).join(', ');
}
