import { Accordion, Badge, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Load } from '@/components/ui/load';
import { all } from '@/lib/api';
import type { Rule, RuleSetting } from '@/types/model';
import { readParameter, showParameter } from './parameters';

type Review = Record<string, RuleSetting>;

function RuleRow({
  rule,
  setting,
  disabled,
  onChange,
}: {
  rule: Rule;
  setting: RuleSetting;
  disabled: boolean;
  onChange: (setting: RuleSetting) => void;
}) {
  return (
    <div>
      <Group justify="space-between" align="start" wrap="nowrap">
        <div>
          <Text size="sm" fw={600} className="mono">
            {rule.id}
          </Text>
          <Text size="sm" c="dimmed">
            {rule.title}
          </Text>
        </div>
        <SegmentedControl
          size="xs"
          aria-label={`Level of ${rule.id}`}
          disabled={disabled}
          value={setting.level}
          onChange={(level) => onChange({ ...setting, level: level })}
          data={['error', 'warning', 'off']}
        />
      </Group>
      {setting.level !== 'off'
        ? rule.parameters.map((parameter) => (
            <TextInput
              key={parameter.name}
              mt={6}
              size="xs"
              label={parameter.name}
              description={parameter.description}
              disabled={disabled}
              classNames={{ input: 'mono' }}
              value={showParameter(setting.parameters[parameter.name] ?? parameter.default)}
              onChange={(event) =>
                onChange({
                  ...setting,
                  parameters: {
                    ...setting.parameters,
                    [parameter.name]: readParameter(event.currentTarget.value, parameter.default),
                  },
                })
              }
            />
          ))
        : null}
    </div>
  );
}

/** Rules by category, each with its level and parameters. */
export function ReviewRules({
  review,
  disabled,
  onChange,
}: {
  review: Review;
  disabled: boolean;
  onChange: (review: Review) => void;
}) {
  const query = useQuery({
    queryKey: ['rules'],
    queryFn: () => all<Rule>('/rules'),
    staleTime: Infinity,
  });
  return (
    <Load query={query}>
      {(rules) => (
        <Accordion variant="separated" multiple>
          {[...new Set(rules.map((rule) => rule.category))].map((category) => {
            const members = rules.filter((rule) => rule.category === category);
            const of = (rule: Rule): RuleSetting =>
              review[rule.id] ?? { level: rule.level, parameters: {} };
            const on = members.filter((rule) => of(rule).level !== 'off').length;
            return (
              <Accordion.Item key={category} value={category}>
                <Accordion.Control>
                  <Group gap="sm">
                    {category}
                    <Badge variant="light" color="gray">
                      {on} of {members.length} on
                    </Badge>
                  </Group>
                </Accordion.Control>
                <Accordion.Panel>
                  <Stack gap="lg">
                    {members.map((rule) => (
                      <RuleRow
                        key={rule.id}
                        rule={rule}
                        setting={of(rule)}
                        disabled={disabled}
                        onChange={(setting) => onChange({ ...review, [rule.id]: setting })}
                      />
                    ))}
                  </Stack>
                </Accordion.Panel>
              </Accordion.Item>
            );
          })}
        </Accordion>
      )}
    </Load>
  );
}
