// Names as they go into a statement. Pure.

// Words that a table or column is called and that no statement takes unquoted; a name in quotes that
// needs none does no harm, so that the list need not be whole.
const reserved = new Set(
  'add all alter analyze and as asc before between both by call case change check column condition cross cube cursor database default delete desc describe distinct div drop each else exists explain false for foreign from fulltext function generated get grant group grouping groups having if ignore in index inner insert interval into is join key keys kill lateral lead leave left like limit lines load lock long loop match mod natural not null of on optimize option or order out outer over partition primary procedure range rank read recursive references release rename repeat replace require right row rows schema select set show signal spatial sql ssl starting system table then to trigger true undo union unique unlock unsigned update usage use using values virtual when where while window with write xor'.split(
    ' ',
  ),
);

/** The name, in backticks where it needs them. */
export const asName = (name: string): string =>
  /^[A-Za-z_][\w$]*$/.test(name) && !reserved.has(name.toLowerCase())
    ? name
    : `\`${name.replaceAll('`', '``')}\``;
