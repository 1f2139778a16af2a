#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Computes the indicators K1-K28 anew from a journal and compares them with what monitoring says.

    indicators.py DIR...       folders that `years --tell DIR` has written

It shares nothing with the services: it reads signalling's journal, follows each case, and notes for every indicator on
which day and at which place it was counted. The numbers must be the same for every subject and period, group by group."""
import datetime
import json
import math
import sys
from collections import defaultdict

day_of = datetime.date.fromisoformat
OPENING = ('case_submitted', 'court_measure_registered', 'closed_placement_requested')


def easter(year):
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    l = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * l) // 451
    return datetime.date(year, (h + l - 7 * m + 114) // 31, (h + l - 7 * m + 114) % 31 + 1)


def is_working_day(day):
    """Algemene termijnenwet, art. 3; Good Friday and 5 May count every year."""
    if day.weekday() > 4:
        return False
    king = datetime.date(day.year, 4, 27)
    king -= datetime.timedelta(king.weekday() == 6)
    moving = {easter(day.year) + datetime.timedelta(n) for n in (-2, 1, 39, 50)}
    return (day.month, day.day) not in ((1, 1), (5, 5), (12, 25), (12, 26)) and day != king and day not in moving


def working_days(start, end):
    return sum(is_working_day(start + datetime.timedelta(n + 1)) for n in range((end - start).days))


class Adopted:
    """Versions by key: what is adopted later than on the first day counts from the day after at the earliest."""

    def __init__(self):
        self.first, self.versions = {}, defaultdict(list)

    def start(self, about, valid_from, today):
        first = self.first.setdefault(about, today)
        if first != today and valid_from <= today:
            return today + datetime.timedelta(1)
        return valid_from

    def add(self, key, start, value):
        self.versions[key].append((start, len(self.versions[key]), value))

    def on(self, key, day):
        past = [v for v in self.versions[key] if v[0] <= day]
        return max(past, key=lambda v: v[:2])[2] if past else None


class Case:
    def __init__(self):
        self.place = ('', '', '')
        self.submitted = self.accepted = self.escalated = None
        self.screened = self.planned = self.realised = self.waited = False
        self.met = self.court_plan = False
        self.first_plan = None  # the message that brought it
        self.invited, self.open, self.still = set(), {}, False
        self.state, self.governance, self.highest = '', 'NONE', 0


LEVELS = ['LOCAL', 'REGIONAL', 'SUPRAREGIONAL', 'NATIONAL']
FAMILY = {'YOUTH', 'PARENT'}
PROMISES = {'ACTION': 'K8', 'BRIDGING': 'K13', 'MEASURE_START': 'K18', 'PROTECTOR_CONTACT': 'K19',
            'PROTECTION_PLAN': 'K20', 'LIVING_PERSPECTIVE': 'K23', 'EVALUATION': 'K27'}


class History:
    def __init__(self, lines):
        self.counted = []  # (k, day, group, value, numerator, denominator, place)
        self.cases, self.alias, self.meetings = {}, {}, set()
        self.policies, self.baselines, self.registry = Adopted(), Adopted(), Adopted()
        self.kept = defaultdict(set)
        origin, cause, heard = None, 0, set()
        for line in lines:
            record = json.loads(line)['record']
            if 'intake' in record:
                cause, origin, heard = int(record['intake']['seq']), None, set()
                if 'accepted' in record['intake']:
                    origin = record['intake']['accepted']['submission']
                    self.adopt(origin, local_day(record['intake']['logged_at']))
            elif int(record['answer']['cause']) == cause:
                self.answer(record['answer'], origin, heard)
            else:
                raise SystemExit('an answer does not follow its cause')

    # ---- policy and registry

    def adopt(self, message, today):
        if 'policy_adopted' in message:
            policy = message['policy_adopted']
            region = policy.get('region', '')
            start = self.policies.start(region, day_of(policy['valid_from']), today)
            values = {v['key']: v.get('value', 0) for v in policy.get('values', [])}
            self.policies.add(region, start, values)
            bases = {(b['code'], b.get('subject_id', '')): int(b['count']) for b in policy.get('baselines', [])}
            self.baselines.add(region, start, bases)
        if 'registry_adopted' in message:
            start = self.registry.start('', day_of(message['registry_adopted']['valid_from']), today)
            for row in message['registry_adopted']['rows']:
                if row['row'] in ('REGION', 'EXPERT_TEAM', 'LANDING_PLACE') and row.get('region'):
                    self.registry.add((row['row'], row['region']), start, row)

    def value(self, key, day, region, otherwise):
        national, own = (self.policies.on(r, day) or {} for r in ('', region))
        return own.get(key, national.get(key, otherwise))

    def baseline(self, k, day, region, subject):
        """What the subject had in the base period, as the policy of the region says, else that of the country."""
        of_region, of_country = (self.baselines.on(r, day) or {} for r in (region, ''))
        return of_region.get((k, subject), of_country.get((k, subject), 0))

    # ---- what is counted

    def add(self, k, case, day, group, numerator, denominator, value=0):
        # A fact that is told late may lie before what it ends; no span is shorter than nothing.
        if numerator or denominator:
            self.counted.append((k, day, group, max(0, value), int(numerator), int(denominator), case.place))

    def answer(self, a, origin, heard):
        name = self.alias.get(a.get('case_id', ''), a.get('case_id', ''))
        if 'case_opened' in a and a['case_opened'].get('linked_to'):
            for alias in (a['case_id'], origin['case_id']):
                if alias != a['case_opened']['linked_to']:
                    self.alias[alias] = a['case_opened']['linked_to']
        if name == '' or a['service'] == 'TRIAGE':
            return
        day = day_of(a['effect_date'])
        if 'route_decided' in a:
            case = self.cases.setdefault(name, Case())
            first = name not in heard and origin is not None
            heard.add(name)
            self.routed(case, a['route_decided'], origin, day, first)
        elif name in self.cases:
            self.timed(self.cases[name], a, origin, day)

    def routed(self, case, route, origin, day, first):
        before, highest, is_new = case.governance, case.highest, case.submitted is None
        case.place = tuple(route.get(f, '') for f in ('region', 'team', 'expertise_centre'))
        case.state, case.governance = route['to_state'], route.get('governance', 'NONE')
        case.highest = max(case.highest, LEVELS.index(route.get('level', 'LOCAL')))
        if is_new:
            case.submitted = day
            self.inflow(case, origin, route, day)
        if first:
            self.message(case, origin, route, day, highest)
        if before != case.governance:
            if case.governance in ('OFFICIAL', 'EXECUTIVE'):
                self.add('K16', case, day, case.governance, 1, 0)
                case.escalated = case.escalated or day
            elif case.escalated:
                self.add('K16', case, day, 'DAYS', 0, 1, (day - case.escalated).days)
                case.escalated = None
        for note in route.get('notes', []):
            if note == 'DIRECT_TO_EC':
                self.add('K15', case, day, '', 1, origin is not None and 'case_submitted' in origin)
            if note == 'ABSENT':
                self.add('K17', case, day, 'ABSENT', 1, 0)

    def inflow(self, case, origin, route, day):
        message = origin.get('case_submitted', {})
        kinds = ('YOUTH', 'PARENT', 'PROFESSIONAL', 'LOCAL_TEAM', 'MUNICIPALITY', 'PROVIDER', 'SCHOOL', 'CERTIFIED_BODY')
        role = origin['actor'].get('role', '')
        submitter = message.get('submitter') or (role if role in kinds else 'OTHER')
        for group in ('', 'SUBMITTER/' + submitter, 'ASK/' + message.get('asks', 'UNKNOWN'), 'TRACK/' + route['track']):
            self.add('K1', case, day, group, 1, 0)

    def message(self, case, s, route, day, highest):
        def count(k, group, numerator, denominator, value=0):
            self.add(k, case, day, group, numerator, denominator, value)

        if 'screening_decided' in s:
            decision = s['screening_decided']['decision']
            if not case.screened:
                count('K2', '', 0, 1, working_days(case.submitted, day))
            case.screened = True
            count('K3', '', decision == 'RETURN', 1)
            if decision in ('ACCEPT_PROCESS', 'ACCEPT_SUPPORT'):
                case.accepted = case.accepted or day
        if 'meeting_scheduled' in s and s['meeting_scheduled'].get('meeting_kind') != 'SUBGROUP':
            case.invited = set()
        if 'participant_invited' in s:
            case.invited |= {p['kind'] for p in s['participant_invited']['participants']}
        if 'meeting_held' in s and s['meeting_held'].get('meeting_kind') != 'SUBGROUP':
            present = {p['kind'] for p in s['meeting_held'].get('present', [])}
            if not case.met and case.accepted:
                days = (day - case.accepted).days
                count('K4', '', days > self.value('P7', day, case.place[0], 28), 1, days)
            case.met = True
            if case.place[1]:
                new = (case.place[1], day) not in self.meetings
                self.meetings.add((case.place[1], day))
                count('K5', '', 1, self.value('meeting_cases', day, case.place[0], 0) if new else 0)
            count('K6', 'PRESENT', bool(present & FAMILY), 1)
            count('K6', 'INVITED', bool(case.invited & FAMILY), 1)
            case.invited = set()
        if 'plan_agreed' in s:
            plan = s['plan_agreed']
            count('K7', '', bool(plan.get('has_goal') and plan.get('has_roles') and plan.get('actions')), 1)
        if 'plan_agreed' in s or 'help_realised' in s:
            if not case.planned and not case.realised:
                count('K12', '', 0, 1)
            case.planned, case.realised = case.planned or 'plan_agreed' in s, case.realised or 'help_realised' in s
        if 'waiting_time_recorded' in s:
            expected = s['waiting_time_recorded'].get('expected_days', 0)
            count('K12', 'DAYS', 0, 1, expected)
            long = expected > self.value('waiting_days', day, case.place[0], 28)
            if long and not case.waited:
                count('K12', '', 1, 0)
            case.waited = case.waited or long
        if 'help_realised' in s:
            count('K9', '', 0, 1, (day - case.submitted).days)
            count('K11', '', 0, 1)
        if 'help_not_effective' in s:
            count('K11', '', 1, 0)
        if 'case_closed' in s:
            closed = s['case_closed']
            count('K10', '', closed['reason'] == 'SOLVED', 1)
            if closed['reason'] == 'SOLVED':
                for level in LEVELS:
                    count('K14', 'LEVEL/' + level, closed.get('level_solved') == level, 1)
                count('K14', 'REACHED/CENTRE', highest >= 2, 1)
                count('K14', 'REACHED/NATIONAL', highest >= 3, 1)
        if 'stuck_declared' in s:
            stuck = s['stuck_declared']
            count('K26', '/'.join(filter(None, (stuck['stuck_on'], stuck.get('missing_supply')))), 1, 0)
        if 'mandate_granted' in s or 'mandate_refused' in s:
            count('K17', 'GEMEENTE/' + route['funder'], 'mandate_granted' in s, 1)
        if s.get('escalation_requested', {}).get('kind') == 'EXPERTISE_CENTRE':
            count('K15', '', 0, 1)
        if 'transfer_registered' in s:
            count('K21', '', 1, 0)
        if 'seclusion_registered' in s:
            count('K22', '', 1, 0)
            count('K22', 'KIND/' + s['seclusion_registered']['seclusion_kind'], 1, 0)
        if 'authorisation_extended' in s:
            count('K24', '', s['authorisation_extended'].get('reason') == 'NO_TIMELY_FOLLOW_UP', 1)
        if 'court_measure_registered' in s:
            case.court_plan = False
        if 'protection_plan_adopted' in s:
            if not case.court_plan:
                case.first_plan = s
            case.court_plan = True
        case.funder = route['funder']

    def timed(self, case, a, origin, day):
        if 'deadline_set' in a:
            new = a['deadline_set']
            case.open[new['kind'], new.get('reference', '')] = new['due']
        if 'deadline_missed' in a:
            missed = a['deadline_missed']
            case.open.pop((missed['kind'], missed.get('reference', '')), None)
            if missed['kind'] in PROMISES and not (missed['kind'] == 'PROTECTION_PLAN' and case.court_plan):
                self.add(PROMISES[missed['kind']], case, day_of(missed['due']), '', 0, 1)
            if missed['kind'] == 'MANDATE':
                self.add('K17', case, day, 'GEMEENTE/' + case.funder, 0, 1)
        if 'deadline_cleared' in a:
            self.cleared(case, a['deadline_cleared'], origin or {})
        if a.get('signal_raised', {}).get('code') == 'S03_NO_MOVEMENT':
            case.still = True
        if a.get('signal_cleared', {}).get('code') == 'S03_NO_MOVEMENT':
            case.still = False

    def cleared(self, case, cleared, origin):
        key = (cleared['kind'], cleared.get('reference', ''))
        was_open, due = case.open.get(key) == cleared['due'], day_of(cleared['due'])
        if was_open:
            del case.open[key]
        if cleared.get('superseded') or cleared['kind'] not in PROMISES:
            return
        k = PROMISES[cleared['kind']]
        done_by = {'K13': 'bridging_care_started', 'K23': 'living_perspective_set', 'K8': 'plan_action_completed'}
        # The first plan of a measure keeps the promise; a review of it is another one.
        if k == 'K20' and case.court_plan and case.first_plan is not origin:
            return
        if 'measure_ended' in origin or (k in done_by and done_by[k] not in origin):
            if k == 'K23' and was_open:
                self.add(k, case, due, '', 0, 1)
            return
        late = cleared.get('late_wd', 0)
        self.add(k, case, due, '', late == 0, was_open)
        if k == 'K19':
            self.add(k, case, due, 'LATE', 0, 1, late)

    # ---- as it stands

    def now(self):
        return [('K28', None, '', 0, int(c.still), 1, c.place) for c in self.cases.values() if c.state != 'CLOSED']

    def functions(self, day):
        regions = sorted(key[1] for key in self.registry.versions if key[0] == 'REGION')
        answered, have = 0, defaultdict(int)
        for region in regions:
            row = self.registry.on(('REGION', region), day)
            if row is None:
                continue
            rows = [self.registry.on((kind, region), day) for kind in ('EXPERT_TEAM', 'LANDING_PLACE')]
            rows = [r for r, ok in zip(rows, (row.get('expert_team'), True)) if r and ok]
            answered += any(r.get('functions') or r.get('functions_missing') for r in rows)
            for function in {f for r in rows for f in r.get('functions', [])}:
                have[function] += 1
        return {'FUNCTION/' + f: (have[f], answered)
                for f in ('CONSULTATION', 'PROCESS_DIRECTION', 'SIGNALLING', 'LEARNING')}


def local_day(moment):
    """The day in Amsterdam: two hours ahead of UTC from the last Sunday of March, 1:00 UTC, to that of October."""
    at = datetime.datetime.fromisoformat(moment.replace('Z', '+00:00')).replace(tzinfo=None)
    last = lambda month: max(d for d in (datetime.datetime(at.year, month, n, 1) for n in range(25, 32)) if d.weekday() == 6)
    return (at + datetime.timedelta(hours=2 if last(3) <= at < last(10) else 1)).date()


DAYS = {('K2', ''), ('K4', ''), ('K9', ''), ('K12', 'DAYS'), ('K16', 'DAYS'), ('K19', 'LATE')}


def figures(rows, k, base):
    """Group -> numerator, denominator, median, p90, sum. base: of the base period."""
    groups = defaultdict(list)
    for row in rows:
        groups[row[2]].append(row)
    found = {}
    for group, list_ in groups.items():
        values = sorted(v for r in list_ for v in [r[3]] * r[5]) if (k, group) in DAYS else []
        rank = lambda p: values[math.ceil(len(values) * p / 100) - 1] if values else 0
        found[group] = (sum(r[4] for r in list_), sum(r[5] for r in list_), rank(50), rank(90), sum(values))
    if k == 'K17':
        asked = {g: f for g, f in found.items() if g.startswith('GEMEENTE/')}
        found = {g: f for g, f in found.items() if g not in asked}
        found[''] = (sum(f[0] > 0 for f in asked.values()), len(asked), 0, 0, 0)
    if k == 'K26':
        found[''] = (sum(f[0] for f in found.values()), 0, 0, 0, 0)
    found = found or {'': (0, 0, 0, 0, 0)}
    if k in ('K21', 'K22'):
        found[''] = (found[''][0], base, 0, 0, 0)
    return found


def expected(history, by_k, line):
    start, end, subject = day_of(line['from']), day_of(line['to']), line['subject']
    which = 0 if subject == '' or subject.startswith('JZ') else 2 if subject.startswith('EC-') else 1
    result = {}
    for n in range(1, 29):
        k = 'K%d' % n
        if k == 'K25':
            result.update({(k, '', g): f + (0, 0, 0) for g, f in history.functions(end).items()})
            continue
        rows = [r for r in by_k[k] if (r[1] is None or start <= r[1] <= end) and subject in ('', r[6][which])]
        region = subject if which == 0 else ''
        # A team or centre has no base period of its own.
        base = 0 if which else history.baseline(k, end, region, region)
        result.update({(k, '', g): f for g, f in figures(rows, k, base).items()})
        regions = {r[6][0] for r in rows}
        if subject == '' or which == 2 or (which == 1 and len(regions) > 1):
            for region in regions:
                here = figures([r for r in rows if r[6][0] == region], k, history.baseline(k, end, '', region))
                result.update({(k, region, g): f for g, f in here.items()})
    return result


def compare(folder):
    with open(folder + '/journal.jsonl') as lines:
        history = History(lines)
    by_k, wrong, compared, told = defaultdict(list), 0, 0, {}
    for row in history.counted + history.now():
        by_k[row[0]].append(row)
    with open(folder + '/figures.jsonl') as lines:
        for text in lines:
            line = json.loads(text)
            theirs = {tuple(v[:3]): tuple(v[3:]) for v in line['values']}
            if (line['subject'], line['from'], line['to']) in told:
                continue
            told[line['subject'], line['from'], line['to']] = theirs
            ours = expected(history, by_k, line)
            for key in sorted(set(ours) | set(theirs)):
                compared += 1
                if ours.get(key) != theirs.get(key):
                    wrong += 1
                    if wrong <= 20:
                        print(folder, line['subject'], line['from'], line['to'], *key, 'here', ours.get(key), 'told',
                              theirs.get(key))
    with open(folder + '/reports.jsonl') as lines:
        wrong += sum(report_differs(json.loads(text)['report_published'], told) for text in lines)
    return len(history.cases), compared, wrong


def report_differs(report, told):
    """What a report shows is the figure; what it withholds it does not give away."""
    figures_ = told[report.get('subject_id', ''), report['period_from'], report['period_to']]
    wrong = 0
    for v in report['indicators']:
        region, group = '', v.get('group', '')
        if group.startswith('REGION/'):
            region, group = (group[7:].split('/', 1) + [''])[:2]
        shown = tuple(int(v.get(f, 0)) for f in ('numerator', 'denominator', 'median', 'p90', 'total'))
        if shown != ((0, 0, 0, 0, 0) if v.get('suppressed') else figures_[v['code'], region, group]):
            print('report', report['period_from'], v)
            wrong += 1
    return wrong


if __name__ == '__main__':
    cases = compared = wrong = 0
    for folder_ in sys.argv[1:]:
        counts = compare(folder_)
        cases, compared, wrong = cases + counts[0], compared + counts[1], wrong + counts[2]
    print('%d cases, %d figures compared, %d differ' % (cases, compared, wrong))
    sys.exit(0 if wrong == 0 and compared > 0 else 1)
