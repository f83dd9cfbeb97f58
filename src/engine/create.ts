import * as z from 'zod';
import type { Engine } from './engine';

/** A container to be made; it gets no network. What is not said is as the image has it. */
export interface ContainerSpecification {
  /** Name or id. */
  readonly image: string;
  /** The program with its arguments, instead of the image's own. */
  readonly entrypoint: readonly string[];
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where it gets empty volumes of its own. */
  readonly newVolumes?: readonly string[];
  /** Volumes that are there already, with the place where each appears. */
  readonly volumes?: readonly { readonly name: string; readonly target: string; readonly readOnly?: boolean }[];
  /** A container whose mounts this one gets as well, at the same places, for reading only. */
  readonly mountsOf?: string;
  /** Set where those mounts are to be written as well. */
  readonly writesMounts?: true;
}

/** Makes a container and gives its id. Does not start it. Throws `CONTAINER_GONE` when image or volume are not there. */
export async function createContainer(engine: Engine, specification: ContainerSpecification): Promise<string> {
  const { image, entrypoint, user, labels, newVolumes = [], volumes = [], mountsOf, writesMounts } = specification;
  const container = await engine.request((docker) =>
    docker.createContainer({
      Image: image,
      Entrypoint: [...entrypoint],
      Cmd: [],
      User: user,
      Labels: { ...labels },
      Healthcheck: { Test: ['NONE'] },
      Volumes: Object.fromEntries(newVolumes.map((path) => [path, {}])),
      HostConfig: {
        NetworkMode: 'none',
        AutoRemove: false,
        // Files of a volume may bear the label of the container that made them, where SELinux keeps containers apart.
        SecurityOpt: ['label=disable'],
        Mounts: volumes.map(({ name, target, readOnly = false }) => ({ Type: 'volume', Source: name, Target: target, ReadOnly: readOnly })),
        ...(mountsOf === undefined ? {} : { VolumesFrom: [`${mountsOf}:${writesMounts === true ? 'rw' : 'ro'}`] }),
      },
    }),
  );
  return container.id;
}

/** Ends a container and removes it. Its volumes stay. One that is gone, or just going, is as good. */
export async function removeContainer(engine: Engine, container: string): Promise<void> {
  await engine.request((docker) => tolerating([404, 409], () => docker.getContainer(container).remove({ force: true, v: false })));
}

/** Makes a volume. Docker takes one of the same name for the same, so look first. */
export async function createVolume(engine: Engine, name: string, labels: Readonly<Record<string, string>>): Promise<void> {
  await engine.request((docker) => docker.createVolume({ Name: name, Labels: { ...labels } }));
}

/** Whether there is a volume of this name. */
export async function volumeExists(engine: Engine, name: string): Promise<boolean> {
  const answer = await engine.request((docker) => tolerating([404], () => docker.getVolume(name).inspect()));
  return answer !== undefined;
}

/** Removes a volume that no container uses; one that is gone is as good. */
export async function removeVolume(engine: Engine, name: string): Promise<void> {
  await engine.request((docker) => tolerating([404], () => docker.getVolume(name).remove()));
}

/** The work's result; undefined when the engine refused it with one of these. */
async function tolerating<T>(codes: readonly number[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const status = z.object({ statusCode: z.number() }).safeParse(error);
    if (status.success && codes.includes(status.data.statusCode)) return undefined;
    throw error;
  }
}
