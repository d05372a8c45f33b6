//! The one window: what it may load, what it may use, where it stood.

use std::hash::{DefaultHasher, Hash, Hasher};

use tauri::plugin::TauriPlugin;
use tauri::webview::{NewWindowResponse, PageLoadEvent, PermissionKind, PermissionResponse};
use tauri::{App, Manager, Url, WebviewWindow, WebviewWindowBuilder, Wry};
use tauri_plugin_window_state::StateFlags;

use crate::options::Options;

/// Opens it, hidden until its page stands, so that nobody is dazzled by an empty white one.
pub(crate) fn open(app: &App, options: &Options) -> tauri::Result<()> {
    let config = app.config().app.windows.first().ok_or(tauri::Error::WindowNotFound)?;
    let window = WebviewWindowBuilder::from_config(app.handle(), config)?
        // Nothing of the page is kept on disk: what it shows comes from an encrypted database.
        // WebDriver cannot reach such a page, so tests go without.
        .incognito(!options.automated)
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_page_load(|window, page| {
            if page.event() == PageLoadEvent::Finished {
                show(&window);
            }
        })
        .build()?;
    prepare(&window, options)
}

/// The page is the one built in; a link cannot lead anywhere else.
fn is_own(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // Windows has no schemes of one's own.
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

/// Photos of evidence, and nothing else: no sound (a recording needs the cycle's legal note), no
/// place, no notifications, no picture of the screen.
pub(crate) fn permission(kind: PermissionKind) -> PermissionResponse {
    match kind {
        PermissionKind::Camera => PermissionResponse::Allow,
        _ => PermissionResponse::Deny,
    }
}

/// What Tauri has no words for: the camera is off in WebKitGTK, whether a page is private shows only
/// here, and a page whose process ended stays blank for good.
#[cfg(target_os = "linux")]
fn prepare(window: &WebviewWindow, options: &Options) -> tauri::Result<()> {
    use webkit2gtk::{SettingsExt, WebViewExt};

    let (test_camera, automated) = (options.test_camera, options.automated);
    window.with_webview(move |webview| {
        let page = webview.inner();
        if !page.is_ephemeral() && !automated {
            log::warn!("the page is not private");
        }
        if let Some(settings) = page.settings() {
            settings.set_enable_media_stream(true);
            settings.set_enable_mock_capture_devices(test_camera);
        }
        // Nothing is lost with it: what the page shows as saved is in the device.
        page.connect_web_process_terminated(|page, reason| {
            log::error!("the page's process ended ({reason:?}); it is loaded anew");
            page.reload();
        });
    })
}

#[cfg(not(target_os = "linux"))]
fn prepare(_: &WebviewWindow, _: &Options) -> tauri::Result<()> {
    Ok(())
}

/// Size and place survive a restart; being hidden does not.
pub(crate) fn remembered_place() -> TauriPlugin<Wry> {
    let flags = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED;
    tauri_plugin_window_state::Builder::new().with_state_flags(flags).build()
}

/// A second start brings the first window to the front. A home named by hand is an app of its own.
pub(crate) fn one_instance(options: &Options) -> TauriPlugin<Wry> {
    let plugin = tauri_plugin_single_instance::Builder::new()
        .callback(|app, _, _| app.get_webview_window("main").iter().for_each(show));
    match &options.home {
        Some(home) => {
            let mut hasher = DefaultHasher::new();
            std::path::absolute(home).unwrap_or_else(|_| home.clone()).hash(&mut hasher);
            plugin.dbus_id(format!("org.mizan.desktop.home{:x}", hasher.finish())).build()
        }
        None => plugin.build(),
    }
}

fn show(window: &WebviewWindow) {
    let outcome =
        window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = outcome {
        log::warn!("the window was not brought to the front: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_built_in_page_is_loaded() {
        assert!(is_own(&"tauri://localhost/index.html".parse().unwrap()));
        for other in [
            "https://example.org/",
            "tauri://example.org/",
            "file:///etc/hostname",
            "data:text/html,x",
            "about:blank",
        ] {
            assert!(!is_own(&other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn the_page_gets_the_camera_and_nothing_else() {
        assert!(matches!(permission(PermissionKind::Camera), PermissionResponse::Allow));
        for kind in [
            PermissionKind::Microphone,
            PermissionKind::Geolocation,
            PermissionKind::Notifications,
            PermissionKind::DisplayCapture,
            PermissionKind::Other,
        ] {
            assert!(matches!(permission(kind), PermissionResponse::Deny), "{kind:?}");
        }
    }
}
