import { readExec } from '../../engine/exec';
import { withThrowaway } from '../../backup/volume/throwaway';
import type { Engine } from '../../engine/engine';
import type { InventoryKeeper } from '../../inventory/keeper';
import type { Project, Service } from '../../inventory/model';
import type { Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';
import type { FoundCluster, VolumeContent, VolumeView } from './view';

/** Where a volume that no container mounts appears in a helping one. */
export const lentMount = '/container-databases-volume';

/** A volume in a helping container. */
export interface LentVolume {
  readonly engine: Engine;
  readonly container: string;
  /** Where it is mounted. */
  readonly mount: string;
}

/** The service that has its data in a volume. */
export function serviceIn(keeper: InventoryKeeper, view: VolumeView): { readonly project: Project; readonly service: Service } | undefined {
  for (const project of keeper.current.projects) {
    const service = project.services.find(
      (each) => each.container?.endpointId === view.endpointId && each.projectName === view.project && each.name === view.service,
    );
    if (service !== undefined) return { project, service };
  }
  return undefined;
}

/**
 * Lends a helping container with a volume: of the service's own image where a service has it, else of the newest image of
 * Postgres that is at hand, or of that wished for. Throws `IMAGE_MISSING`, `THROWAWAY_FAILED`.
 */
export async function lendVolume<T>(
  keeper: InventoryKeeper,
  view: VolumeView,
  options: { readonly image?: string; readonly writes?: true },
  operation: Operation,
  work: (lent: LentVolume) => Promise<T>,
): Promise<T> {
  const engine = keeper.engineOf(view.endpointId);
  const service = serviceIn(keeper, view)?.service;
  if (service?.container !== undefined && service.volume?.destination !== undefined) {
    const { id: mountsOf, imageId } = service.container;
    const mount = service.volume.destination;
    const writing = options.writes === undefined ? {} : { writesMounts: options.writes };
    return withThrowaway(engine, { image: imageId, mountsOf, ...writing }, operation, (container) => work({ engine, container, mount }));
  }
  const image = options.image ?? (await helperImage(keeper, view.endpointId));
  return withThrowaway(engine, { image, volumes: [{ name: view.name, target: lentMount }] }, operation, (container) =>
    work({ engine, container, mount: lentMount }),
  );
}

/** An image of Postgres that the engine has: one that a service runs, of the wanted major where that is known. Throws `IMAGE_MISSING`. */
export async function helperImage(keeper: InventoryKeeper, endpointId: string, major?: number): Promise<string> {
  const services = keeper.current.projects.flatMap((project) => project.services.filter(({ container }) => container?.endpointId === endpointId));
  const fitting = services.filter(({ postgres }) => major === undefined || postgres.major === major);
  const [own] = fitting.flatMap(({ container }) => container?.imageId ?? []);
  if (own !== undefined) return own;
  const tagged = await keeper.engineOf(endpointId).imageTags();
  const found = tagged.filter((tag) => /(^|\/)postgres(ql)?:/.test(tag) && (major === undefined || new RegExp(`:${major}\\b`).test(tag)));
  const [image] = found.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  if (image !== undefined) return image;
  const what = major === undefined ? 'of Postgres' : `of Postgres ${major}`;
  throw new Failure('IMAGE_MISSING', `The engine has no image ${what} to look into the volume with.`, 'Name one with --image, or pull it first.');
}

const lookInside = `
cd -- "$1" || exit 1
du -sk . | { read -r size _; echo "size $size"; }
find . -maxdepth 4 -name PG_VERSION -type f | while read -r file; do
  folder=\${file%/PG_VERSION}
  [ -f "$folder/global/pg_control" ] || continue
  echo "cluster $(cat "$file") $(stat -c '%u:%g %a' "$folder") \${folder#./}"
done`;

/** Measures a volume, and finds the clusters in it. Throws `VOLUME_UNREADABLE`. */
export async function readContent({ engine, container, mount }: LentVolume, operation: Operation): Promise<VolumeContent> {
  const command = { container, argv: ['sh', '-c', lookInside, 'sh', mount], env: { LC_ALL: 'C' } };
  const { exitCode, stdout, stderr } = await readExec(engine, command, operation.signal);
  if (exitCode !== 0) throw new Failure('VOLUME_UNREADABLE', `The volume cannot be read: ${stderr.trim()}`, 'Check its mounts and permissions.');
  return parseContent(stdout);
}

/** Reads what the look inside printed. */
export function parseContent(text: string): VolumeContent {
  const lines = text.split('\n');
  const kilobytes = lines.find((line) => line.startsWith('size '))?.slice(5);
  const clusters = lines.flatMap((line): readonly FoundCluster[] => {
    const [, major, owner, mode, folder] = /^cluster (\d+) (\d+:\d+) (\d+) (.*)$/.exec(line) ?? [];
    if (owner === undefined || mode === undefined || folder === undefined) return [];
    return [{ folder: folder === '.' ? '' : folder, major: Number(major), owner, mode }];
  });
  return { sizeBytes: Number(kilobytes ?? 0) * 1024, clusters };
}
