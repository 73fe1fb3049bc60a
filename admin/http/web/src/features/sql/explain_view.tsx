import { Code, Group, Stack, Tabs, Text } from '@mantine/core';
import type { SqlResult } from '@/types/model';
import { planOf, type PlanNode } from './explain';
import { ResultView } from './results_grid';

function Node({ node }: { node: PlanNode }) {
  return (
    <li>
      <Group gap="xs" component="span" display="inline-flex">
        <Text size="sm" fw={600} span>
          {node.label}
        </Text>
        {node.facts.map((fact) => (
          <Text key={fact} size="xs" c="dimmed" span>
            {fact}
          </Text>
        ))}
      </Group>
      {node.children.length > 0 ? (
        <ul className="plan">
          {node.children.map((child, place) => (
            <Node key={place} node={child} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

/** The plan of a statement: as the server's table, and as a tree of its steps. */
export function ExplainView({ table, json }: { table: SqlResult; json: string }) {
  const plan = planOf(json);
  return (
    <Tabs defaultValue="tree" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="tree">Tree</Tabs.Tab>
        <Tabs.Tab value="table">Table</Tabs.Tab>
        <Tabs.Tab value="json">JSON</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="tree" pt="sm">
        {plan ? (
          <ul className="plan" aria-label="Plan">
            <Node node={plan} />
          </ul>
        ) : (
          <Text size="sm" c="dimmed">
            The server&apos;s plan has a form that is not known here; see JSON.
          </Text>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="table" pt="sm">
        <ResultView result={table} />
      </Tabs.Panel>
      <Tabs.Panel value="json" pt="sm">
        <Stack mah="55vh" style={{ overflow: 'auto' }} tabIndex={0}>
          <Code block>{json}</Code>
        </Stack>
      </Tabs.Panel>
    </Tabs>
  );
}
