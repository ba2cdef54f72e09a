import type { ListedWorktree, Listing } from './item.ts';

/** Called with all that is known so far, each time that there is more. */
export type OnListing = (listing: Listing) => void;

/** The listing as it grows. */
export class Rows {
  #listing: Listing;
  readonly #onListing: OnListing;

  constructor(repository: string, worktrees: readonly ListedWorktree[], onListing: OnListing) {
    this.#listing = { repository, worktrees };
    this.#onListing = onListing;
  }

  get listing(): Listing {
    return this.#listing;
  }

  show(): void {
    this.#onListing(this.#listing);
  }

  add(path: string, more: Partial<ListedWorktree>): void {
    const worktrees = this.#listing.worktrees.map((row) => (row.path === path ? { ...row, ...more } : row));
    this.set({ worktrees });
  }

  set(more: Partial<Listing>): void {
    this.#listing = { ...this.#listing, ...more };
    this.show();
  }
}
