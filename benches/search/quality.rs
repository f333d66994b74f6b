//! Whether what is known to be there is found: questions about one post, and its place among the results.

use std::time::Instant;

use crate::browser::Browser;
use crate::engine::Engine;
use crate::questions::{Field, Question, Reading};

/// Asks about so many posts by words of their titles, texts and comments: as they are, mistaken, and half typed.
/// With `tell`, prints the questions whose post is not the first, or for other than exact ones not among the first three.
pub fn compare(
    browser: &Browser,
    engines: &[Engine],
    reading: &Reading,
    count: usize,
    tell: bool,
) -> Result<(), String> {
    print!("\n| known post | asked for | questions |");
    engines.iter().for_each(|engine| print!(" {}: first | first three |", engine.name));
    print!("\n|---|---|---|");
    engines.iter().for_each(|_| print!("---|---|"));
    println!();
    let mut missed = Vec::new();
    let started = Instant::now();
    let mut asked = 0;
    for (field, place) in [(Field::Title, "title"), (Field::Body, "text"), (Field::Comment, "comment")] {
        let exact = reading.known_items(field, count);
        if exact.is_empty() {
            continue;
        }
        let mistaken = exact.iter().enumerate().map(|(turn, question)| reading.mistaken(question, turn)).collect();
        let half = exact.iter().map(Reading::half_typed).collect();
        // In which places a post may be that is not missed.
        let manners = [("exact", exact.clone(), 1), ("one typing error", mistaken, 3), ("half typed", half, 3)];
        for (manner, questions, places) in manners {
            print!("| two rare words of its {place} | {manner} | {} |", questions.len());
            for engine in engines {
                let answers = engine.answers(browser, &questions, 3)?;
                let is_found = |(answer, question): &(&Vec<usize>, &Question), places: usize| {
                    answer.iter().take(places).any(|post| *post == question.post)
                };
                let share = |places: usize| {
                    let found = answers.iter().zip(&questions).filter(|answered| is_found(answered, places)).count();
                    100.0 * found as f64 / questions.len() as f64
                };
                print!(" {:.1} % | {:.1} % |", share(1), share(3));
                let is_missed = |answered: &(&Vec<usize>, &Question)| !is_found(answered, places);
                missed.extend(answers.iter().zip(&questions).filter(is_missed).map(|(answer, question)| {
                    format!(
                        "{}, {place}, {manner}: `{}` is post {}, not {answer:?}",
                        engine.name, question.text, question.post
                    )
                }));
                asked += questions.len();
            }
            println!();
        }
    }
    eprintln!("{asked} questions in {:.0} s", started.elapsed().as_secs_f64());
    if tell {
        println!();
        missed.iter().for_each(|line| println!("- {line}"));
    }
    Ok(())
}
