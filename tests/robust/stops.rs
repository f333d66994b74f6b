//! Builds that are stopped: killed, or out of room, or not allowed to write.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::{Node, Site, files, said, tree};

fn program(site: &Site) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie"));
    command
        .arg("build")
        .arg("--root")
        .arg(site.root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// A mounted file system, until it is dropped.
struct Mount(PathBuf);

impl Mount {
    /// Mounts something at a folder; says why not where that is not allowed.
    fn new(folder: &Path, arguments: &[&str]) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let output = Command::new("mount").args(arguments).arg(folder).output();
        match output {
            Ok(output) if output.status.success() => Some(Self(folder.to_owned())),
            _ => {
                eprintln!("skipped: this machine does not allow to mount {arguments:?}");
                None
            }
        }
    }

    /// Makes it read-only.
    fn freeze(&self) {
        let status = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// What is published, without what Causerie keeps for itself.
fn published(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    files(folder).into_iter().filter(|(path, _)| !path.starts_with(".causerie")).collect()
}

#[cfg(unix)]
#[test]
fn a_build_that_is_killed_leaves_whole_files_and_the_next_one_is_right() {
    let site = Site::good();
    for number in 0..150 {
        let text = format!("+++\ntitle = \"Post {number}\"\ndate = 2020-01-01\n+++\n{}", "Many words. ".repeat(400));
        site.write(&format!("content/posts/p{number}.md"), text);
    }
    let template = fs::read_to_string(site.root().join("templates/page.html")).unwrap();
    let versions = ["first", "second"].map(|version| {
        site.write("templates/page.html", format!("{template}{version}"));
        let clean = site.beside(&format!("clean-{version}"));
        assert!(!site.build_into(&clean).failed());
        published(&clean)
    });
    site.builds();
    site.write("public/mine.txt", "not Causerie's");
    for (round, delay) in (0..14).map(|round| (round, 15 * round)) {
        let version = round % 2;
        site.write("templates/page.html", format!("{template}{}", ["first", "second"][version]));
        let mut build = program(&site).spawn().unwrap();
        thread::sleep(Duration::from_millis(delay as u64));
        let signal = if round % 3 == 0 { "-INT" } else { "-KILL" };
        let _ = Command::new("kill").args([signal, &build.id().to_string()]).stderr(Stdio::null()).status();
        build.wait().unwrap();
        for (path, bytes) in published(&site.public()) {
            let is_whole = versions.iter().any(|version| version.get(&path) == Some(&bytes));
            assert!(is_whole || path == "mine.txt", "{path} after {delay} ms is neither old nor new");
        }
        if round % 4 == 3 {
            site.builds();
            let mut wanted = versions[version].clone();
            wanted.insert("mine.txt".to_owned(), b"not Causerie's".to_vec());
            assert_eq!(published(&site.public()).keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
            assert!(published(&site.public()) == wanted, "the build after {delay} ms is wrong");
            assert!(!site.public().join(".causerie-staging").exists());
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_site_that_was_there() {
    let site = Site::good();
    let Some(_disk) = Mount::new(&site.public(), &["-t", "tmpfs", "-o", "size=400k", "tmpfs"]) else { return };
    site.builds();
    for number in 0..20 {
        let text = format!("+++\ntitle = \"Post {number}\"\n+++\n{}", "Many words. ".repeat(4000));
        site.write(&format!("content/posts/p{number}.md"), text);
    }
    let said = site.fails();
    assert!(said.contains("No space left on device") && said.contains("make room on the disk"), "{said}");
    for number in 0..20 {
        site.remove(&format!("content/posts/p{number}.md"));
    }
    site.builds();
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_to_is_reported() {
    let site = Site::good();
    let Some(disk) = Mount::new(&site.public(), &["-t", "tmpfs", "tmpfs"]) else { return };
    site.builds();
    site.write("content/posts/more.md", "+++\ntitle = \"More\"\n+++\nText.\n");
    disk.freeze();
    let said = site.fails();
    assert!(said.contains("cannot write") && said.contains("Read-only file system"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_site_that_cannot_be_written_to_is_built_without_a_cache() {
    let site = Site::good();
    let original = site.beside("original");
    fs::rename(site.root(), &original).unwrap();
    let Some(disk) = Mount::new(&site.root(), &["-t", "tmpfs", "tmpfs"]) else { return };
    let copied = Command::new("cp").arg("-r").arg(original.join(".")).arg(site.root()).status().unwrap();
    assert!(copied.success());
    disk.freeze();
    let (one, two) = (site.beside("one"), site.beside("two"));
    for folder in [&one, &one, &two] {
        let report = site.build_into(folder);
        assert!(!report.failed(), "{}", said(&report.diagnostics));
    }
    assert_eq!(files(&one), files(&two));
}

#[test]
fn every_kind_of_error_leaves_the_output_as_it_was() {
    let site = Site::good();
    site.builds();
    for (path, text) in [
        ("site.toml", "base_url = 7\n"),
        ("site.toml", "not toml at all ["),
        ("content/posts/tea.md", "+++\ntitle = 7\n+++\n"),
        ("content/posts/tea.md", "no front matter"),
        ("content/posts/tea.md", "+++\ntitle = \"Tea\"\n+++\n{{ nothing }}\n"),
        ("content/posts/tea.md", "+++\ntitle = \"Tea\"\n+++\n[to](@/nowhere.md)\n"),
        ("content/posts/tea.md", "+++\ntitle = \"Tea\"\n+++\n[to](@/posts/milk/index.md#nowhere)\n"),
        ("content/posts/tea.md", "+++\ntitle = \"Tea\"\npath = \"posts/milk\"\n+++\n"),
        ("content/posts/tea.md", "+++\ntitle = \"Tea\"\ntemplate = \"nowhere.html\"\n+++\n"),
        ("content/posts/tea.md", "+++\ntitle = \"Tea\"\n[taxonomies]\nnowhere = [\"a\"]\n+++\n"),
        ("content/posts/tea.comments.md", "+++\nauthor = \"Nobody\"\n+++\nNo date.\n"),
        ("content/posts/tea.comments.md", "+++\ndate = 2024-01-01\nreply_to = \"nobody\"\n+++\n"),
        ("content/posts/nothing.comments.md", "+++\ndate = 2024-01-01\n+++\nTo nobody.\n"),
        ("templates/page.html", "{% if page %}"),
        ("templates/page.html", "{{ page.nothing.at.all }}"),
        ("templates/page.html", "{% extends \"nowhere.html\" %}"),
        ("static/posts/tea/index.html", "in the way"),
    ] {
        let place = site.root().join(path);
        let good = fs::read(&place).ok();
        site.write(path, text);
        let told = site.fails();
        assert!(!told.is_empty(), "{path}: {text}");
        match good {
            Some(good) => site.write(path, good),
            None => fs::remove_file(place).unwrap(),
        }
        site.builds();
    }
}

#[test]
fn a_check_writes_nothing() {
    let site = Site::good();
    for change in ["", "{{ broken"] {
        site.write("content/posts/more.md", format!("+++\ntitle = \"More\"\n+++\n{change}\n"));
        let before = tree(&site.beside(""));
        causerie::build::check(&site.options());
        assert_eq!(tree(&site.beside("")), before);
    }
}

#[test]
fn a_site_is_the_same_wherever_and_however_it_is_built() {
    let built: Vec<BTreeMap<String, Node>> = ["1", "4"]
        .iter()
        .map(|threads| {
            let site = Site::good();
            let status = program(&site).env("RAYON_NUM_THREADS", threads).env("TZ", "Asia/Tokyo").status().unwrap();
            assert!(status.success());
            let without_times = |(path, node)| match node {
                Node::File(bytes, _) => (path, Node::File(bytes, std::time::UNIX_EPOCH)),
                node => (path, node),
            };
            tree(&site.public()).into_iter().map(without_times).collect()
        })
        .collect();
    assert_eq!(built[0], built[1]);
}

/// Builds a site as an unprivileged user, even if root runs the tests. Returns its exit status and its output.
#[cfg(unix)]
#[expect(unsafe_code, reason = "a system call")]
pub fn build_without_rights(site: &Site) -> (Option<i32>, String) {
    use std::os::unix::fs::chown;
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65534;
    let program = site.beside("causerie");
    if !program.exists() {
        // Where the tests are built is perhaps out of nobody's reach.
        fs::copy(env!("CARGO_BIN_EXE_causerie"), &program).unwrap();
    }
    let mut command = Command::new(&program);
    command.arg("build").current_dir(site.root());
    // SAFETY: it asks who we are, which cannot fail.
    if unsafe { libc::geteuid() } == 0 {
        for entry in walkdir::WalkDir::new(site.beside("")).into_iter().filter_map(Result::ok) {
            chown(entry.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}
