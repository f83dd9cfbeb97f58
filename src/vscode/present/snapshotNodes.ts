import type { Project, Service, SnapshotDatabase } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import { newestFirst } from '../../snapshot/labels';
import { tooltip } from './markdown';
import { ageText, fullMomentText } from './time';
import type { Clock, Translate } from './translate';
import type { TreeNode } from './treeNode';
import { joinParts } from './words';

/** The snapshots of a database as one row, with each beneath it; none where there are none. */
export function snapshotNodes(t: Translate, project: Project, service: Service, database: string, clock: Clock): readonly TreeNode[] {
  const own = newestFirst(service.snapshots.filter(({ of }) => of === database));
  if (own.length === 0) return [];
  const size = formatBytes(own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const description = joinParts(String(own.length), size);
  return [
    {
      id: `snapshots:${project.name}/${service.name}/${database}@${project.endpointId ?? ''}`,
      label: t('Snapshots'),
      description,
      tooltip: tooltip(
        t('Snapshots of "{0}"', database),
        [[t('Size'), size]],
        [t('Copies inside the server, to go back to. They are gone when the volume is; a backup is not.')],
      ),
      icon: { id: 'device-camera' },
      context: 'snapshots',
      spoken: [t('Snapshots of "{0}"', database), String(own.length), size].join(', '),
      open: false,
      children: own.map((snapshot) => snapshotNode(t, project, service, snapshot, clock)),
      subject: { kind: 'snapshots', project, service, databaseName: database },
    },
  ];
}

function snapshotNode(t: Translate, project: Project, service: Service, snapshot: SnapshotDatabase, clock: Clock): TreeNode {
  const { label, of, git, migrationRevision } = snapshot;
  const taken = new Date(snapshot.takenAt);
  const age = ageText(t, taken, clock);
  const size = formatBytes(snapshot.sizeBytes);
  const branch = git?.branch === label ? undefined : git?.branch; // a snapshot without a name of its own is called like its branch
  return {
    id: `snapshot:${project.name}/${service.name}/${snapshot.name}@${project.endpointId ?? ''}`,
    label,
    description: joinParts(age, size, branch),
    tooltip: tooltip(label, [
      [t('Snapshot of'), of],
      [t('Taken'), fullMomentText(taken, clock)],
      [t('Size'), size],
      [t('Branch'), git?.branch],
      [t('Commit'), git?.commit.slice(0, 10)],
      [t('Migration'), migrationRevision],
      [t('Kept as'), snapshot.name],
    ]),
    icon: { id: 'circle-outline' },
    context: 'snapshot',
    spoken: [t('Snapshot {0} of {1}', label, of), age, size].join(', '),
    open: false,
    children: [],
    subject: { kind: 'snapshot', project, service, snapshot },
  };
}
