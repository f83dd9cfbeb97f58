import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, fileFailure, removeIfThere, writeFileDurably } from '../../operations/files';
import { Failure } from '../../protocol/failure';
import { isScheduleId, scheduleSchema, type Schedule } from './schedule';

/** The schedules of this host, and the files among them that cannot be used. */
export interface StoredSchedules {
  readonly schedules: readonly Schedule[];
  readonly problems: readonly Failure[];
}

/** Schedules on disk, a file each; editor and command line share them. */
export class ScheduleStore {
  constructor(private readonly folder: string) {}

  /** All of them, in the order of their targets. A damaged one is told of, and left as it is. */
  async read(): Promise<StoredSchedules> {
    const names = await this.names();
    const found = await Promise.all(names.map((name) => this.readOne(name)));
    const schedules = found.flatMap((each) => (each === undefined || each instanceof Failure ? [] : [each]));
    return {
      schedules: schedules.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b))),
      problems: found.filter((each) => each instanceof Failure),
    };
  }

  /** Throws `SCHEDULE_NOT_FOUND` or `SCHEDULE_DAMAGED`. */
  async find(id: string): Promise<Schedule> {
    const found = isScheduleId(id) ? await this.readOne(`${id}.json`) : undefined;
    if (found instanceof Failure) throw found;
    if (found !== undefined) return found;
    throw new Failure('SCHEDULE_NOT_FOUND', `There is no schedule "${id}".`, 'Look at the ids of those that there are with "schedule list".');
  }

  async write(schedule: Schedule): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw fileFailure(error, this.folder);
    }
    await writeFileDurably(path.join(this.folder, `${schedule.id}.json`), `${JSON.stringify(schedule, undefined, 2)}\n`);
  }

  async remove(id: string): Promise<void> {
    await removeIfThere(path.join(this.folder, `${id}.json`));
  }

  private async names(): Promise<readonly string[]> {
    try {
      return (await readdir(this.folder)).filter((name) => name.endsWith('.json') && isScheduleId(name.slice(0, -'.json'.length)));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw fileFailure(error, this.folder);
    }
  }

  private async readOne(name: string): Promise<Schedule | Failure | undefined> {
    const file = path.join(this.folder, name);
    try {
      const schedule = scheduleSchema.parse(JSON.parse(await readFile(file, 'utf8')));
      return `${schedule.id}.json` === name ? schedule : damaged(file);
    } catch (error) {
      return errorCode(error) === 'ENOENT' ? undefined : damaged(file, error);
    }
  }
}

function keyOf({ project, service, database, id }: Schedule): string {
  return [project, service, database, id].join('\0');
}

function damaged(file: string, cause?: unknown): Failure {
  const remedy = 'Update the extension if a newer version has written it; else delete the file, and schedule the backups anew.';
  return new Failure('SCHEDULE_DAMAGED', `The schedule in ${file} cannot be read.`, remedy, cause);
}
