import type { InventoryKeeper } from '../../inventory/keeper';
import type { DatabaseTarget } from '../../inventory/target';
import { throwIfCancelled, type Operation } from '../../operations/operation';
import { Failure } from '../../protocol/failure';
import type { Restores } from '../../restore/restores';
import type { Distance } from '../actions/action';
import type { PlaceKind } from '../actions/place';
import { filesOf, type Migrations } from '../migrations';
import type { FoundMigrations } from '../survey';
import { rehearse, type Rehearsal } from './rehearse';
import { findScripts, type Scripts, type Upgrade } from './scripts';

/** What is rehearsed: the upgrade of a database, and how far it goes. */
export interface RehearsalRequest {
  readonly target: DatabaseTarget;
  readonly found: FoundMigrations;
  readonly to: Distance;
  readonly where?: PlaceKind;
}

/** Lends a copy of the database to `use`, and takes it away again. */
export type LendCopy = (use: (copy: string) => Promise<void>) => Promise<unknown>;

/** Upgrades on a copy, and takes that back where there is a way: the SQL that would run, statement by statement. The database itself is only read. */
export class Rehearsals {
  constructor(
    private readonly keeper: InventoryKeeper,
    private readonly restores: Restores,
    private readonly migrations: Migrations,
  ) {}

  /** Rehearses on a copy that is made for it. Throws why there is no SQL to be known, what making a copy throws, and `CANCELLED`. */
  async run({ target, found, to, where }: RehearsalRequest, operation: Operation): Promise<Rehearsal> {
    const upgrade = { target, source: filesOf(found), status: found.status, action: { kind: 'upgrade', to } } as const;
    const scripts = await this.scriptsOf(upgrade, operation, where);
    if (scripts.up instanceof Failure) throw scripts.up;
    throwIfCancelled(operation);
    const rehearsal = await this.on((use) => this.restores.withCopy(target, operation, use), upgrade, scripts, operation);
    throwIfCancelled(operation);
    return rehearsal;
  }

  /** The SQL of an upgrade and of the way back, or why they cannot be known. Throws only `CANCELLED`. */
  scriptsOf(upgrade: Upgrade, operation: Operation, where?: PlaceKind): Promise<Scripts> {
    return findScripts(this.migrations, upgrade, operation, where);
  }

  /** Rehearses on a copy that somebody lends. Throws what lending throws. */
  async on(lend: LendCopy, { target, status }: Upgrade, { up, down }: Scripts, operation: Operation): Promise<Rehearsal> {
    if (up instanceof Failure) throw up;
    const versionTable = status.table ?? 'public.alembic_version';
    const scripts = { up, versionTable, ...(typeof down === 'string' ? { down } : {}) };
    let rehearsal: Rehearsal | undefined;
    await lend(async (copy) => {
      operation.report({ message: 'Rehearsing on a copy' });
      rehearsal = await rehearse(this.keeper.serverOf(target.service), copy, scripts, operation.signal);
    });
    if (rehearsal === undefined) throw new Error('No copy was lent.');
    return rehearsal;
  }
}
