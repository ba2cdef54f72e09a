import { reasonAgainstPackages, unpackedPackages } from './debian.mjs';

/**
 * Variables that lead tests to zsh, fish and fzf, from Debian's packages; none where this machine's own have to do. Fetched
 * before the tests run, as their network has no way out.
 */
export function shellVariables() {
  if (reasonAgainstPackages() !== undefined) return {};
  const packages = ['zsh', 'zsh-common', 'fish', 'fish-common', 'libpcre2-32-0'];
  try {
    return {
      COPPICE_TEST_SHELLS: unpackedPackages('shells', packages),
      COPPICE_TEST_FZF: unpackedPackages('fzf', ['fzf']),
    };
  } catch (error) {
    // A green CI must mean that every test ran.
    if (process.env.CI) throw error;
    console.log(`zsh, fish and fzf are tested only as far as this machine has them: ${error.message}`);
    return {};
  }
}
