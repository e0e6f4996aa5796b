//! Every mistake is said with its file and line, and all of them at once.

use super::compile_lesson;
use crate::{Block, Inline, Mark};

const SCENARIO: &str = r#"{
  "version": 1, "name": "orders", "seed": 7,
  "system": {
    "queues": [
      { "name": "dead" },
      { "name": "orders", "dead_letters": "dead", "config": { "max_deliveries": 5 } }
    ],
    "consumers": [{ "name": "packer", "queue": "orders" }],
    "routes": { "shop": { "to": "orders" } }
  },
  "producers": [{ "name": "shop", "arrivals": { "constant": { "per_minute": 60 } } }],
  "providers": [{ "name": "packer", "latency_ms": { "uniform": { "min": 50, "max": 90 } } }]
}"#;

const LESSON: &str = r#"# A title

What it is *about*.

```lesson
minutes = 5
```

```knob
id = "tries"
words = "Tries"
at = "system.queues.orders.config.max_deliveries"
choices = [{ words = "5", value = 5 }, { words = "2", value = 2 }]
```

## The step

A [queue](#queue) and **more**, see [there](https://example.org).

- One `thing`
- Another

```predict
id = "how-many"
ask = "How many?"
of = { measure = "acked", queue = "orders" }
at_s = 30
why = "So it is."
```

```task
id = "calm"
ask = "Keep it calm."
until_s = 60
knobs = ["tries"]
goals = [{ name = "calm", that = { at_most = { of = { measure = "depth", queue = "orders" }, value = 3 } } }]
[solution]
knobs = { tries = "2" }
do = [{ at_s = 5, break = "packer" }, { at_s = 9, heal = "packer" }, { at_s = 20, redrive = "orders" }]
why = "It works."
```

```quiz
id = "why"
ask = "Why?"
answers = [{ words = "This", right = true, why = "Yes." }, { words = "That", why = "No." }]
```

```balance
provider = "packer"
price_cents = 100
```
"#;

/// What is said of the lesson once this is replaced by that.
fn said(from: &str, to: &str) -> Vec<String> {
    assert!(LESSON.contains(from), "`{from}` is in the lesson");
    let mistakes = compile_lesson("1-x", &LESSON.replacen(from, to, 1), SCENARIO);
    mistakes.err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn a_lesson_becomes_blocks() {
    let lesson = compile_lesson("1-x", LESSON, SCENARIO).expect("it is right");
    assert_eq!((lesson.id.as_str(), lesson.title.as_str(), lesson.minutes), ("x", "A title", 5));
    let blocks = &lesson.steps[0].blocks;
    assert_eq!(blocks.len(), 6);
    let Block::Paragraph(pieces) = &blocks[0] else { panic!("{:?}", blocks[0]) };
    assert_eq!(pieces[1], Inline::Mark(Mark::Queue, "queue".to_owned()));
    let Block::Task(task) = &blocks[3] else { panic!("{:?}", blocks[3]) };
    assert_eq!((task.solution.deeds.len(), task.goals.len()), (3, 1));
    assert_eq!(lesson.knobs[0].initial, 0);
    let set = lesson.scenario_with(&task.solution.settings).expect("it can be set");
    assert!(set.contains("\"max_deliveries\":2"), "{set}");
}

#[test]
fn each_mistake_has_its_line_and_says_what_to_do() {
    let cases = [
        ("# A title", "A title", "1: begin with the title: `# Title`"),
        ("*about*", "<b>about</b>", "3: write no HTML: lessons have Markdown alone"),
        ("minutes = 5", "minutes = 99", "6: `minutes` is from 1 to 60"),
        ("minutes = 5", "minutes = \"5\"", "6: invalid type: string \"5\", expected u32"),
        (
            "orders.config",
            "order.config",
            "12: the scenario has no place `system.queues.order.config.max_deliveries`: `order` is not there",
        ),
        (
            "value = 5",
            "value = 4",
            "12: the scenario has 5 at `system.queues.orders.config.max_deliveries`: make that one of the choices",
        ),
        (
            "words = \"2\", value = 2",
            "words = \"no\", value = 0",
            "13: with this choice the scenario does not run: ",
        ),
        ("#queue", "#kueue", "18: there is no mark `#kueue`: give one of #message, "),
        (
            "https://example.org",
            "javascript:alert(1)",
            "18: `javascript:alert(1)` is neither a mark nor an address: begin it with # or https://",
        ),
        (
            "- Another",
            "> Another",
            "21: a lesson has headings, paragraphs, lists and fenced blocks: write one of these",
        ),
        ("```predict", "```predicts", "23: there is no block `predicts`: "),
        ("\"acked\"", "\"eaten\"", "26: unknown variant `eaten`"),
        ("at_s = 30", "at_s = 0", "27: `at_s` is from 1 to 600"),
        (
            "id = \"calm\"",
            "id = \"how-many\"",
            "32: there is an exercise `how-many` already: name it otherwise",
        ),
        (
            "knobs = [\"tries\"]",
            "knobs = []",
            "37: the solution turns `tries`, which the task does not offer: add it to `knobs`",
        ),
        ("\"depth\", queue = \"orders\"", "\"depth\", queue = \"odd\"", "36: `goals[0]"),
        ("tries = \"2\"", "tries = \"9\"", "38: `tries` has no choice `9`: give one of `5`, `2`"),
        ("break = \"packer\"", "break = \"parker\"", "39: the scenario has no provider `parker`"),
        ("at_s = 9", "at_s = 3", "39: deeds stand in the order of their times, up to 60 s"),
        (
            "redrive = \"orders\"",
            "redrive = \"dead\"",
            "39: the scenario has no queue `dead` with dead letters",
        ),
        (
            "right = true, ",
            "",
            "46: a quiz has at least two answers, and one of them is `right = true`",
        ),
        (
            "provider = \"packer\"",
            "provider = \"parker\"",
            "50: the scenario has no provider `parker`",
        ),
        ("price_cents = 100", "price = 100", "51: unknown field `price`"),
    ];
    for (from, to, says) in cases {
        let said = said(from, to);
        let expected = format!("1-x/lesson.md:{says}");
        assert!(said.iter().any(|it| it.starts_with(&expected)), "{expected}\n{said:#?}");
    }
}

#[test]
fn all_mistakes_are_said_at_once_in_the_order_of_their_lines() {
    let bad = LESSON.replace("#queue", "#kueue").replace("minutes = 5", "minutes = 0");
    let bad = bad.replace("id = \"why\"", "id = \"Why!\"");
    let broken = SCENARIO.replace("\"to\": \"orders\"", "\"to\": \"nowhere\"");
    let mistakes = compile_lesson("first", &bad, &broken).expect_err("four are wrong");
    let places: Vec<_> = mistakes.iter().map(|it| (it.file.as_str(), it.line)).collect();
    let markdown = "first/lesson.md";
    assert_eq!(
        places,
        [(markdown, 1), (markdown, 6), (markdown, 18), (markdown, 44), ("first/scenario.json", 9)]
    );
}

#[test]
fn a_scenario_that_cannot_be_read_names_its_line() {
    let said = |text: &str| {
        let mistakes = compile_lesson("1-x", LESSON, text).expect_err("it is broken");
        mistakes.first().map(ToString::to_string).unwrap_or_default()
    };
    let comma = SCENARIO.replace("\"seed\": 7,", "\"seed\": 7");
    assert!(said(&comma).starts_with("1-x/scenario.json:3: "), "{}", said(&comma));
    let no_packer = SCENARIO
        .replace("[{ \"name\": \"packer\", \"latency", "[{ \"name\": \"parker\", \"latency");
    assert!(
        said(&no_packer).starts_with("1-x/scenario.json:8: nobody answers"),
        "{}",
        said(&no_packer)
    );
}

#[test]
fn the_smallest_lesson_of_the_guide_is_right() {
    let guide = include_str!("../../../../lessons/README.md");
    let (_, lesson) = guide.split_once("````markdown\n").expect("the guide has a lesson");
    let (lesson, _) = lesson.split_once("````").expect("it ends");
    let lesson = compile_lesson("4-ordering", lesson, SCENARIO).expect("it is right");
    assert_eq!((lesson.id.as_str(), lesson.steps.len()), ("ordering", 1));
}
