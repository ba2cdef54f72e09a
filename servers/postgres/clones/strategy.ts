import type { StrategyName } from '../types.ts';

/** What decides how fast a server copies. */
export interface ServerFacts {
  /** 18 */
  readonly major: number;
  readonly superuser: boolean;
  /**
   * Whether the data folder's file system can share blocks between files. Assumed false for a server that is
   * not ours.
   */
  readonly reflink: boolean;
  /** `xfs`, as detected by the server's start script. */
  readonly fileSystem: string | undefined;
  /** Milliseconds of one fsync. */
  readonly fsync: number;
}

export interface SourceFacts {
  readonly files: number;
  readonly bytes: number;
}

/** A way to copy a database. `fixed`, `perFile` and `perMegabyte` are milliseconds. */
interface Strategy {
  readonly name: StrategyName;
  readonly why: string;
  readonly possible: (server: ServerFacts) => boolean;
  readonly fixed: number;
  readonly perFile: number;
  readonly fsyncsPerFile: number;
  readonly perMegabyte: number;
}

/**
 * Fitted to databases of 7 MB to 1.5 GB with 300 to 2,704 files on XFS, Btrfs and ext4 with an fsync of 0.09
 * and 0.46 ms, and without one: cloning costs per file, WAL per byte, and a file copy starts and ends with a
 * checkpoint.
 */
const strategies: readonly Strategy[] = [
  {
    name: 'clone',
    why: 'its blocks are shared until one of the two writes them',
    possible: ({ major, superuser, reflink }) => major >= 18 && superuser && reflink,
    fixed: 4,
    perFile: 0.04,
    fsyncsPerFile: 0.8,
    perMegabyte: 0.015,
  },
  {
    name: 'copy',
    why: 'its files are copied: this file system cannot share blocks',
    // A file copy forces two checkpoints on the whole server, which would be rude on one that is not ours.
    possible: ({ major, superuser, reflink }) => major >= 15 && superuser && !(reflink && major >= 18),
    fixed: 4,
    perFile: 0.04,
    fsyncsPerFile: 0.8,
    perMegabyte: 0.7,
  },
  {
    name: 'wal_log',
    why: 'it is copied through the write-ahead log, the cheapest way for a small database and the only one that always works',
    possible: () => true,
    fixed: 2,
    perFile: 0.03,
    fsyncsPerFile: 0,
    perMegabyte: 2.05,
  },
];

/** Milliseconds that a megabyte of disk is worth: a strategy that shares blocks may take that much longer. */
const worthOfMegabyte = 4;

export interface Choice {
  readonly strategy: StrategyName;
  /** Shown by `wt doctor`: `its blocks are shared until ...`. */
  readonly why: string;
  readonly expectedMilliseconds: number;
}

/** The cheapest available strategy for a database of that many files and bytes. */
export function chooseStrategy(server: ServerFacts, source: SourceFacts): Choice {
  const megabytes = source.bytes / 1e6;
  const [best] = strategies
    .filter(({ possible }) => possible(server))
    .map((strategy) => {
      const { name, why, fixed, perFile, fsyncsPerFile, perMegabyte } = strategy;
      const time = fixed + source.files * (perFile + fsyncsPerFile * server.fsync) + megabytes * perMegabyte;
      const price = name === 'clone' ? time : time + megabytes * worthOfMegabyte;
      return { strategy: name, why, expectedMilliseconds: Math.round(time), price };
    })
    .sort((one, other) => one.price - other.price);
  if (!best) throw new Error('WAL_LOG is always possible');
  const { price: _, ...choice } = best;
  return choice;
}

/** Whether setting a database aside costs nothing: renaming copies no byte, and shared blocks stay shared. */
export function keepsSnapshots(server: ServerFacts): boolean {
  return server.major >= 18 && server.superuser && server.reflink;
}
