//! The tables of a vendor's page. `cargo xtask openapi` includes this file, so that a page has one reader.

use std::collections::BTreeSet;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Pages live as long as the test or the task.
pub(crate) type Text = &'static str;

#[derive(Debug, Default)]
pub(crate) struct Table {
    line: usize,
    /// Outermost first.
    pub(crate) headings: Vec<(HeadingLevel, Text)>,
    pub(crate) head: Vec<Text>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    pub(crate) text: Text,
    pub(crate) codes: Vec<Text>,
    /// The targets of its links.
    pub(crate) links: Vec<Text>,
}

impl Table {
    pub(crate) fn heading(&self) -> Text {
        self.headings.last().map_or("", |(_, heading)| heading)
    }

    pub(crate) fn cell<'a>(&self, row: &'a [Cell], column: &str) -> Option<&'a Cell> {
        row.get(self.head.iter().position(|head| *head == column)?)
    }

    pub(crate) fn text(&self, row: &[Cell], column: &str) -> Text {
        self.cell(row, column).map_or("", |cell| cell.text)
    }

    pub(crate) fn codes<'a>(&self, row: &'a [Cell], column: &str) -> &'a [Text] {
        self.cell(row, column).map_or(&[], |cell| &cell.codes)
    }

    pub(crate) fn code(&self, row: &[Cell], column: usize) -> Text {
        let code = row.get(column).and_then(|cell| cell.codes.first());
        code.unwrap_or_else(|| panic!("{}: must be in backticks", self.at()))
    }

    pub(crate) fn at(&self) -> String {
        format!("line {}", self.line)
    }

    /// Returns the operation whose section contains the table. `sections` has the name and the heading of each.
    pub(crate) fn operation(&self, sections: &[(Text, Text)]) -> Option<Text> {
        self.headings.iter().rev().find_map(|(_, heading)| {
            let is_of = |(name, section): &&(Text, Text)| {
                section == heading || *heading == format!("Answers of {name}")
            };
            sections.iter().find(is_of).map(|(name, _)| *name)
        })
    }
}

/// Returns the headings, the tables and the headings with fixtures. The texts live until the program ends.
pub(crate) fn tables(text: &str) -> (Vec<Text>, Vec<Table>, BTreeSet<Text>) {
    let (mut tables, mut all, mut with_fixtures) = (Vec::<Table>::new(), Vec::new(), BTreeSet::new());
    let mut headings: Vec<(HeadingLevel, Text)> = Vec::new();
    // Text belongs to a heading or to a cell, or is ignored.
    let (mut text_of, mut cell, mut row) = (None::<String>, Cell::default(), Vec::new());
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::TableCell) => {
                (text_of, cell) = (Some(String::new()), Cell::default());
            }
            Event::End(TagEnd::Heading(level)) => {
                let heading: Text = text_of.take().unwrap_or_default().leak();
                headings.retain(|(other, _)| *other < level);
                headings.push((level, heading));
                all.push(heading);
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if info.contains(" fixture=") => {
                with_fixtures.extend(headings.iter().map(|(_, heading)| *heading));
            }
            Event::Start(Tag::Table(_)) => {
                let line = text[..range.start].matches('\n').count() + 1;
                tables.push(Table { line, headings: headings.clone(), ..Table::default() });
            }
            Event::End(TagEnd::TableCell) => {
                let text = text_of.take().unwrap_or_default().leak();
                row.push(Cell { text, ..std::mem::take(&mut cell) });
            }
            Event::End(end @ (TagEnd::TableHead | TagEnd::TableRow)) => {
                let (row, Some(table)) = (std::mem::take(&mut row), tables.last_mut()) else { continue };
                match end {
                    TagEnd::TableHead => table.head = row.iter().map(|cell: &Cell| cell.text).collect(),
                    _ => table.rows.push(row),
                }
            }
            Event::Start(Tag::Link { dest_url, .. }) => cell.links.push(dest_url.to_string().leak()),
            Event::Text(piece) => text_of.iter_mut().for_each(|text| text.push_str(&piece)),
            Event::Code(piece) => {
                if let Some(text) = &mut text_of {
                    text.push_str(&piece);
                    cell.codes.push(piece.to_string().leak());
                }
            }
            _ => {}
        }
    }
    (all, tables, with_fixtures)
}
