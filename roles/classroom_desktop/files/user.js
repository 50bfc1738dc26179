// What Thunderbird is told in a lab, which has no Internet: to look for nothing there, and to ask
// nothing that a first start asks. Names that it looks up all the same do not exist, at once.
user_pref("mailnews.auto_config_url", "");  // Mozilla's database of providers
user_pref("mailnews.auto_config.fetchFromExchange.enabled", false);
user_pref("mailnews.start_page.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("extensions.update.enabled", false);
user_pref("extensions.blocklist.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("mail.inappnotifications.enabled", false);
user_pref("app.donation.eoy.version.viewed", 999);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("mail.rights.version", 1);
