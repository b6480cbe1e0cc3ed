//! Each setting from each place, and what is no setting.

use super::*;

fn around(variables: &[(&str, &str)], dir: &Path) -> Surroundings {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (data_dir, config_dir) = (Some(dir.join("data")), Some(dir.join("config")));
    Surroundings { variables, data_dir, config_dir, ..Surroundings::default() }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Each setting's name, three values in their order of precedence, and how to read it back.
#[expect(clippy::type_complexity, reason = "a table reads best as one")]
const TABLE: [(&str, [&str; 3], fn(&Config) -> (String, &Origin)); 12] = [
    ("data-dir", ["/flag", "/env", "/file"], |c| {
        (c.data_dir.value.display().to_string(), &c.data_dir.origin)
    }),
    ("project", ["flag", "env", "file"], |c| (c.project.value.to_string(), &c.project.origin)),
    ("listen", ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"], |c| {
        (c.listen.value.0.to_string(), &c.listen.origin)
    }),
    ("base-url", ["http://a", "http://b", "http://c"], |c| {
        (c.base_url.value.clone().unwrap(), &c.base_url.origin)
    }),
    ("trusted-proxy", ["10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32"], |c| {
        (c.trusted_proxy.value[0].to_string(), &c.trusted_proxy.origin)
    }),
    ("workers", ["1", "2", "3"], |c| (c.workers.value.to_string(), &c.workers.origin)),
    ("key-cache", ["1MiB", "2MiB", "1GiB"], |c| (c.key_cache.value.to_string(), &c.key_cache.origin)),
    ("metrics", ["all", "off", "loopback"], |c| (c.metrics.value.as_str().to_owned(), &c.metrics.origin)),
    ("keep-usage-by-hour", ["1d", "2d", "3d"], |c| {
        (c.keep_usage_by_hour.value.to_string(), &c.keep_usage_by_hour.origin)
    }),
    ("keep-usage-by-day", ["400d", "500d", "600d"], |c| {
        (c.keep_usage_by_day.value.to_string(), &c.keep_usage_by_day.origin)
    }),
    ("log-format", ["json", "text", "json"], |c| {
        (c.log_format.value.as_str().to_owned(), &c.log_format.origin)
    }),
    ("log-level", ["trace", "debug", "warn"], |c| {
        (c.log_level.value.as_str().to_owned(), &c.log_level.origin)
    }),
];

fn options(name: &str, value: &str) -> Options {
    let value = if name == "trusted-proxy" {
        format!("[\"{value}\"]")
    } else if name == "workers" {
        value.to_owned()
    } else {
        format!("\"{value}\"")
    };
    toml::from_str(&format!("{name} = {value}")).unwrap()
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    for (name, [flag, env, file], read) in TABLE {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config/keysrv.toml");
        let variable = variable_name(name);
        let with_env = around(&[(&variable, env)], dir.path());
        let without = around(&[], dir.path());
        let load = |flags: &Options, around: &Surroundings| Config::load(flags, None, around).unwrap();

        assert_eq!(*read_origin(&load(&Options::default(), &without), name), Origin::Default, "{name}");
        let line = if name == "workers" {
            format!("{name} = {file}")
        } else if name == "trusted-proxy" {
            format!("{name} = [\"{file}\"]")
        } else {
            format!("{name} = \"{file}\"")
        };
        write(&path, &line);
        let in_file = load(&Options::default(), &without);
        assert_eq!(read(&in_file), (file.to_owned(), &Origin::File(path.clone())));
        let in_env = load(&Options::default(), &with_env);
        assert_eq!(read(&in_env), (env.to_owned(), &Origin::Environment(variable.clone())));
        let in_flag = load(&options(name, flag), &with_env);
        assert_eq!(read(&in_flag), (flag.to_owned(), &Origin::Flag));
    }
}

fn read_origin<'a>(config: &'a Config, name: &str) -> &'a Origin {
    match name {
        "base-url" => &config.base_url.origin,
        _ => TABLE.iter().find(|(found, ..)| *found == name).map(|(_, _, read)| read(config).1).unwrap(),
    }
}

#[test]
fn the_file_is_the_one_of_a_flag_of_the_environment_beside_the_data_or_the_platforms() {
    let dir = tempfile::tempdir().unwrap();
    let in_env = dir.path().join("env.toml");
    let with_env = around(&[("KEYSRV_CONFIG", in_env.to_str().unwrap())], dir.path());
    let without = around(&[], dir.path());
    let read = |flag: Option<&Path>, around: &Surroundings| {
        let config = Config::load(&Options::default(), flag, around).unwrap();
        (config.project.value.to_string(), config.file)
    };
    let write = |path: &Path, project: &str| write(path, &format!("project = \"{project}\""));
    let file = |path: &Path, origin| Setting { value: Some(path.to_owned()), origin };

    let none = Setting { value: None, origin: Origin::Default };
    assert_eq!(read(None, &without), ("default".to_owned(), none));
    let path = dir.path().join("config/keysrv.toml");
    write(&path, "platform");
    assert_eq!(read(None, &without), ("platform".to_owned(), file(&path, Origin::Default)));
    let path = dir.path().join("data/keysrv.toml");
    write(&path, "beside");
    assert_eq!(read(None, &without), ("beside".to_owned(), file(&path, Origin::Default)));
    write(&in_env, "env");
    let origin = Origin::Environment("KEYSRV_CONFIG".to_owned());
    assert_eq!(read(None, &with_env), ("env".to_owned(), file(&in_env, origin)));
    let path = dir.path().join("flag.toml");
    write(&path, "flag");
    assert_eq!(read(Some(&path), &with_env), ("flag".to_owned(), file(&path, Origin::Flag)));
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let named = dir.path().join("nowhere.toml");
    let error = Config::load(&Options::default(), Some(&named), &around(&[], dir.path())).unwrap_err();
    let expected = format!("cannot read the settings file `{}`: ", named.display());
    assert!(error.message.starts_with(&expected), "{error}");
}

#[test]
fn what_a_file_says_wrongly_is_told_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let named = dir.path().join("k.toml");
    for (text, says) in [
        ("workers = 2\nlisten = 8080\n", "line 2 of the settings file"),
        ("workers = 2.5\n", "this is not a whole number"),
        ("\n\nlisten = \n", "line 3 of the settings file"),
        ("workers = 1\nworkers = 2\n", "line 2 of the settings file"),
    ] {
        std::fs::write(&named, text).unwrap();
        let error = Config::load(&Options::default(), Some(&named), &around(&[], dir.path())).unwrap_err();
        assert!(error.message.contains(says), "{text:?}: {error}");
        assert!(error.message.contains(named.to_str().unwrap()), "{error}");
    }
}

#[test]
fn a_variable_of_ours_that_is_not_unicode_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let around = Surroundings { unreadable: vec!["KEYSRV_LISTEN".to_owned()], ..around(&[], dir.path()) };
    let error = Config::load(&Options::default(), None, &around).unwrap_err();
    assert_eq!(error.message, "the environment variable `KEYSRV_LISTEN` is not Unicode");
}

#[test]
fn what_is_no_setting_is_named_with_the_nearest_one() {
    let dir = tempfile::tempdir().unwrap();
    let refuse = |around: &Surroundings| Config::load(&Options::default(), None, around).unwrap_err();
    let error = refuse(&around(&[("KEYSRV_LISTN", "x")], dir.path()));
    assert_eq!(error.message, "the environment variable `KEYSRV_LISTN` is no setting");
    assert_eq!(error.hint.as_deref(), Some("did you mean `KEYSRV_LISTEN`?"));
    let error = refuse(&around(&[("KEYSRV_CONFG", "x")], dir.path()));
    assert_eq!(error.hint.as_deref(), Some("did you mean `KEYSRV_CONFIG`?"));
    write(&dir.path().join("data/keysrv.toml"), "base_url = \"http://x\"");
    let error = refuse(&around(&[], dir.path()));
    assert!(error.message.starts_with("`base_url` in `"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("did you mean `base-url`?"));
}

#[test]
fn another_machine_comes_in_where_the_person_did_or_by_this_machines_name() {
    let at = |variables: &[(&str, &str)]| {
        let around = around(variables, Path::new("/nowhere"));
        Surroundings { host: "keys".to_owned(), ..around }.ssh_destination()
    };
    assert_eq!(at(&[]), "keys");
    assert_eq!(at(&[("USER", "anna")]), "anna@keys");
    let by_ssh =
        [("USER", "root"), ("SUDO_USER", "anna"), ("SSH_CONNECTION", "198.51.100.7 50000 192.0.2.1 22")];
    assert_eq!(at(&by_ssh), "anna@192.0.2.1");
}

#[test]
fn what_a_container_platform_makes_up_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let made_up = [("KEYSRV_SERVICE_HOST", "x"), ("KEYSRV_PORT", "tcp://x"), ("KEYSRV_PORT_8080_TCP", "x")];
    Config::load(&Options::default(), None, &around(&made_up, dir.path())).unwrap();
}

#[test]
fn a_value_that_breaks_its_rule_is_named_with_where_it_came_from() {
    let dir = tempfile::tempdir().unwrap();
    for (variable, value) in [
        ("KEYSRV_LISTEN", "8080"),
        ("KEYSRV_DATA_DIR", ""),
        ("KEYSRV_BASE_URL", "keys.example.com/path"),
        ("KEYSRV_TRUSTED_PROXY", "10.0.0.0/8,nonsense"),
        ("KEYSRV_WORKERS", "0"),
        ("KEYSRV_LOG_FORMAT", "xml"),
        ("KEYSRV_LOG_LEVEL", "loud"),
        ("KEYSRV_PROJECT", "Has Spaces"),
    ] {
        let error =
            Config::load(&Options::default(), None, &around(&[(variable, value)], dir.path())).unwrap_err();
        assert!(error.message.ends_with(&format!("(from environment {variable})")), "{error}");
        let name = variable.trim_start_matches(PREFIX).to_lowercase().replace('_', "-");
        let flag = options(&name, value.rsplit(',').next().unwrap());
        let flag = Config::load(&flag, None, &around(&[], dir.path())).unwrap_err();
        assert!(!flag.message.contains("(from"), "who wrote it knows where: {flag}");
        assert!(error.message.contains(value.rsplit(',').next().unwrap()), "{error}");
    }
}
