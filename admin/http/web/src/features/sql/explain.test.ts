import { expect, it } from 'vitest';
import { planOf, type PlanNode } from './explain';

const lines = (node: PlanNode | null, depth = 0): string[] =>
  node === null
    ? []
    : [
        `${'  '.repeat(depth)}${[node.label, ...node.facts].join(' · ')}`,
        ...node.children.flatMap((child) => lines(child, depth + 1)),
      ];

it("reads MySQL's plan of iterators", () => {
  const plan = {
    query: 'select 1',
    query_plan: {
      operation: 'Sort: t1.name',
      estimated_rows: 2,
      estimated_total_cost: 0.45,
      inputs: [{ operation: 'Table scan on t1', access_type: 'table', estimated_rows: 2 }],
    },
  };
  expect(lines(planOf(JSON.stringify(plan)))).toEqual([
    'Sort: t1.name · rows 2 · cost 0.45',
    '  Table scan on t1 · rows 2',
  ]);
});

it("reads MariaDB's blocks", () => {
  const plan = {
    query_block: {
      select_id: 1,
      cost: 0.01,
      nested_loop: [
        { table: { table_name: 'a', access_type: 'ALL', rows: 3, filtered: 100 } },
        { table: { table_name: 'b', access_type: 'ref', key: 'k', rows: 1 } },
      ],
    },
  };
  expect(lines(planOf(JSON.stringify(plan)))).toEqual([
    'query · cost 0.01',
    '  nested loop',
    '    table a · rows 3 · filtered 100 · access ALL',
    '    table b · rows 1 · key k · access ref',
  ]);
});

it('reads the older form with its operations', () => {
  const plan = {
    query_block: {
      cost_info: { query_cost: '1.20' },
      ordering_operation: {
        using_filesort: true,
        table: { table_name: 't', access_type: 'ALL', attached_condition: 'a > 1' },
      },
    },
  };
  expect(lines(planOf(JSON.stringify(plan)))).toEqual([
    'query · cost 1.20',
    '  ordering operation',
    '    table t · access ALL · where a > 1',
  ]);
});

it('leaves what is no plan', () => {
  for (const text of ['', 'x', '1', '[]', '{}', '{"query_block": 1}'])
    expect(planOf(text)).toBeNull();
});
