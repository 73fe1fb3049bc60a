// The JSON of EXPLAIN as a tree, whichever of the servers' forms it has: MySQL's by iterators
// ("query_plan" with "inputs"), MySQL's older one and MariaDB's ("query_block"). Pure.

export interface PlanNode {
  label: string;
  facts: string[];
  children: PlanNode[];
}
type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

function rows(node: Json): string[] {
  const facts: string[] = [];
  const put = (name: string, value: unknown) => {
    const said = text(value);
    if (said !== '') facts.push(`${name} ${said}`);
  };
  put('rows', node['estimated_rows'] ?? node['rows_examined_per_scan'] ?? node['rows']);
  put(
    'cost',
    node['estimated_total_cost'] ??
      (isObject(node['cost_info'])
        ? (node['cost_info']['query_cost'] ?? node['cost_info']['prefix_cost'])
        : node['cost']),
  );
  put('filtered', node['filtered']);
  put('key', node['key'] ?? node['index_name']);
  put('access', node['access_type']);
  if (typeof node['attached_condition'] === 'string') put('where', node['attached_condition']);
  return facts;
}

/** Objects and lists below a node that are steps of the plan themselves. */
function below(node: Json): PlanNode[] {
  const children: PlanNode[] = [];
  for (const [name, value] of Object.entries(node)) {
    if (['cost_info', 'table', 'used_columns'].includes(name)) continue;
    if (isObject(value)) {
      children.push(...stepOf(name, value));
    } else if (Array.isArray(value)) {
      const steps = (value as unknown[]).filter(isObject);
      if (steps.length > 0) {
        children.push({
          label: name.replaceAll('_', ' '),
          facts: [],
          children: steps.flatMap((one) => stepOf('', one)),
        });
      }
    }
  }
  return children;
}

function stepOf(name: string, node: Json): PlanNode[] {
  if (isObject(node['table'])) {
    const table = node['table'];
    const own: PlanNode = {
      label: `table ${text(table['table_name'])}`,
      facts: rows(table),
      children: below(table),
    };
    const rest = below(node);
    const label = name.replaceAll('_', ' ');
    if (label === '' && rest.length === 0) return [own];
    return [{ label: label || 'step', facts: rows(node), children: [own, ...rest] }];
  }
  const children = below(node);
  const facts = rows(node);
  // A name such as "ordering_operation" says something; a bare holder of one step does not.
  if (name === '' && facts.length === 0) return children;
  return [{ label: name === '' ? 'step' : name.replaceAll('_', ' '), facts, children }];
}

function iterator(node: Json): PlanNode {
  const inputs = Array.isArray(node['inputs'])
    ? (node['inputs'] as unknown[]).filter(isObject)
    : [];
  return {
    label: text(node['operation']) || 'step',
    facts: rows(node).filter((fact) => !fact.startsWith('access')),
    children: inputs.map(iterator),
  };
}

/** Null: it is no plan that is understood; the text itself is shown then. */
export function planOf(json: string): PlanNode | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return null;
  }
  if (!isObject(value)) return null;
  if (isObject(value['query_plan'])) return iterator(value['query_plan']);
  if (typeof value['operation'] === 'string') return iterator(value);
  const block = value['query_block'];
  if (!isObject(block)) return null;
  return { label: 'query', facts: rows(block), children: below(block) };
}
