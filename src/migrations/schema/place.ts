import type { Inventory, Project, Service, SnapshotDatabase } from '../../inventory/model';
import { databaseTargets, findDatabase, targetName, type DatabaseTarget } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { findSnapshot } from '../../snapshot/labels';

/** A database of a cluster whose schema can be read: one of the user's, or a snapshot of one. */
export interface SchemaPlace {
  /** `project/service/database`, a snapshot's label behind an `@`. */
  readonly name: string;
  readonly service: Service;
  /** Its name in the cluster. */
  readonly database: string;
  /** Of a snapshot, the database that it is of. */
  readonly snapshotOf?: string;
}

/** A database and its snapshots. */
export function schemaPlaces(target: DatabaseTarget): readonly SchemaPlace[] {
  const snapshots = target.service.snapshots.filter((snapshot) => snapshot.of === target.database.name);
  return [placeOf(target), ...snapshots.map((snapshot) => snapshotPlace(target, snapshot))];
}

/** All of them. */
export function allSchemaPlaces(inventory: Inventory): readonly SchemaPlace[] {
  return databaseTargets(inventory).flatMap(schemaPlaces);
}

/** What a text means: a database as everywhere, or `DATABASE@SNAPSHOT`. Throws what `findDatabase` throws, and `SNAPSHOT_MISSING`. */
export function findSchemaPlace(inventory: Inventory, text: string): SchemaPlace {
  const at = text.indexOf('@');
  const isDatabase = databaseTargets(inventory).some((target) => targetName(target) === text || target.database.name === text);
  if (at < 0 || isDatabase) return placeOf(findDatabase(inventory, text));
  const target = findDatabase(inventory, text.slice(0, at));
  return snapshotPlace(target, findSnapshot(target.service.snapshots, target.database.name, text.slice(at + 1)));
}

function placeOf(target: DatabaseTarget): SchemaPlace {
  return { name: targetName(target), service: target.service, database: target.database.name };
}

function snapshotPlace(target: DatabaseTarget, { name, of, label }: SnapshotDatabase): SchemaPlace {
  return { name: `${targetName(target)}@${label}`, service: target.service, database: name, snapshotOf: of };
}

/** The service of a place, with its project. Throws `SERVICE_MISSING` when it has gone since. */
export function serviceOfPlace(inventory: Inventory, { service: { id } }: SchemaPlace): { readonly project: Project; readonly service: Service } {
  const places = inventory.projects.flatMap((project) => project.services.map((service) => ({ project, service })));
  const found = places.find(({ service }) => service.id === id);
  if (found === undefined) throw new Failure('SERVICE_MISSING', 'The service of the other side is not there any more.', 'Look again.');
  return found;
}
