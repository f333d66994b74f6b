//! Exports in archives and in other encodings.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
    writer.write_all(bytes).expect("a stream");
    writer.finish().expect("a stream")
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).expect("an archive");
        writer.write_all(bytes).expect("an archive");
    }
    writer.finish().expect("an archive").into_inner()
}

fn run_bytes(root: &Path, name: &str, bytes: &[u8]) -> Result<Report, Diagnostic> {
    let path = root.join(name);
    fs::write(&path, bytes).expect("a file");
    import(&Options { root: root.to_owned(), inputs: vec![path], into: "posts".to_owned(), ..Options::default() })
}

fn words(root: &Path) -> String {
    text(root, "content/posts/tea.comments.md")
}

#[test]
fn archives_are_recognised_by_what_is_in_them() {
    let export = wxr(&item(1, "tea", &comment(1, 0, "")));
    let packed = gzip(export.as_bytes());
    for bytes in [
        packed.clone(),
        [gzip(b""), packed.clone()].concat(),
        zip(&[
            ("__MACOSX/._blog.xml", &b"x"[..]),
            ("blog/blog.xml", export.as_bytes()),
            ("blog/tea.jpg", &b"\xff\xd8"[..]),
        ]),
        gzip(&zip(&[("blog.xml.gz", &packed[..])])),
    ] {
        let root = site();
        let report = run_bytes(root.path(), "export.bin", &bytes).expect("an import");
        assert!(!report.has_losses() && words(root.path()).contains("Words 1"), "{}", report.text());
    }
    // A cut archive gives what it holds, and says so.
    let many: String = (1..200).map(|id| item(id, &format!("p{id}"), "")).collect();
    let packed = gzip(wxr(&many).as_bytes());
    let root = site();
    let report = run_bytes(root.path(), "cut.gz", &packed[..packed.len() / 2]).expect("an import");
    assert!(report.has_losses() && report.counts[&ItemKind::Posts].written > 10, "{}", report.text());
}

#[test]
fn hostile_archives_end_early_and_write_nowhere_else() {
    let export = wxr(&item(1, "tea", &comment(1, 0, "")));
    let root = site();
    let slip = zip(&[("../../../tea.xml", export.as_bytes()), ("/etc/tea.xml", &b"x"[..]), ("C:\\tea.xml", &b"x"[..])]);
    let report = run_bytes(root.path(), "slip.zip", &slip).expect("an import");
    assert_eq!(report.counts[&ItemKind::Posts].written, 1, "{}", report.text());
    assert!(!root.path().parent().expect("a folder").join("tea.xml").exists());

    // A thousand to one, and one archive in another for ever.
    let start = &export.as_bytes()[..export.find("<item>").unwrap_or(0)];
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(start).expect("a stream");
    let blank = vec![b' '; 1 << 20];
    (0..600).for_each(|_| writer.write_all(&blank).expect("a stream"));
    let bomb = writer.finish().expect("a stream");
    assert!(bomb.len() < 1 << 20);
    let report = run_bytes(root.path(), "bomb.gz", &bomb).expect("an import");
    assert!(report.concerns[&Concern::Lost].names.iter().any(|name| name.contains("unpack")), "{}", report.text());
    let nested = (0..6).fold(gzip(export.as_bytes()), |inner, _| gzip(&inner));
    let report = run_bytes(root.path(), "nested.gz", &nested).expect("an import");
    assert!(report.has_losses(), "{}", report.text());
    for broken in [&b"PK\x03\x04 nothing"[..], b"\x1f\x8b\x08 nothing at all"] {
        let report = run_bytes(root.path(), "broken.zip", broken).expect("an import");
        assert!(report.has_losses(), "{}", report.text());
    }
    assert!(run_bytes(root.path(), "empty.zip", &zip(&[])).is_err());
}

#[test]
fn encodings_are_read() {
    let export = |label: &str| {
        wxr(&item(1, "tea", &comment(1, 0, "").replace("Words 1", "Grüße €"))).replacen(
            "encoding=\"UTF-8\"",
            &format!("encoding=\"{label}\""),
            1,
        )
    };
    let wide = |text: &str, is_little: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    };
    for label in ["UTF-16", "utf-8", "nonsense"] {
        for is_little in [true, false] {
            for mark in ["", "\u{feff}"] {
                let root = site();
                let bytes = wide(&format!("{mark}{}", export(label)), is_little);
                let report = run_bytes(root.path(), "wide.xml", &bytes).expect("an import");
                assert!(words(root.path()).contains("Grüße €"), "{label} {is_little} {mark:?}: {}", report.text());
            }
        }
    }
    let root = site();
    run_bytes(root.path(), "wide.xml.gz", &gzip(&wide(&export("UTF-16"), true))).expect("an import");
    assert!(words(root.path()).contains("Grüße €"));
    for (label, sample) in [
        ("windows-1251", "Чай €"),
        ("Shift_JIS", "お茶ソ表"),
        ("ISO-2022-JP", "お茶"),
        ("GB18030", "茶€é"),
        ("KOI8-R", "Чай"),
    ] {
        let text = export(label).replace("Grüße €", sample);
        let (bytes, ..) = encoding_rs::Encoding::for_label(label.as_bytes()).expect("an encoding").encode(&text);
        let root = site();
        run_bytes(root.path(), "export.xml", &bytes).expect("an import");
        assert!(words(root.path()).contains(sample), "{label}: {}", words(root.path()));
    }
}
