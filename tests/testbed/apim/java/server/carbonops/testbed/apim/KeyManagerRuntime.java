package carbonops.testbed.apim;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.wso2.carbon.apimgt.api.dto.KeyManagerConfigurationDTO;

/** The key managers that can be used. In the product events bring them here, some time after they were stored. */
final class KeyManagerRuntime {

    private static final Logger LOG = Logger.getLogger(KeyManagerRuntime.class.getName());
    private static final long POLL_MILLIS = 250;

    private final long delayMillis;
    private final ConnectorVersion connector;
    private final Map<String, StoredKeyManager> seen = new HashMap<>();
    private final Map<String, StoredKeyManager> usable = new HashMap<>();
    private final ScheduledExecutorService poll = Executors.newSingleThreadScheduledExecutor(KeyManagerRuntime::daemon);

    KeyManagerRuntime(Deployment deployment) {
        delayMillis = 1000 * Long.parseLong(deployment.text("testbed.key_manager_delay", "2"));
        connector = ConnectorVersion.of(deployment);
    }

    void start() throws Exception {
        refresh(System.currentTimeMillis() - delayMillis);
        poll.scheduleWithFixedDelay(this::refreshQuietly, POLL_MILLIS, POLL_MILLIS, TimeUnit.MILLISECONDS);
    }

    void stop() {
        poll.shutdownNow();
    }

    synchronized StoredKeyManager usable(String uuid) {
        return usable.get(uuid);
    }

    private void refreshQuietly() {
        try {
            refresh(System.currentTimeMillis());
        } catch (Exception | LinkageError e) {
            LOG.log(Level.WARNING, "Key managers could not be read", e);
        }
    }

    private synchronized void refresh(long now) throws Exception {
        Map<String, StoredKeyManager> current = new HashMap<>();
        for (KeyManagerConfigurationDTO configuration : KeyManagerRows.all()) {
            StoredKeyManager keyManager = new StoredKeyManager(configuration, now);
            StoredKeyManager before = seen.get(keyManager.uuid());
            current.put(keyManager.uuid(), keyManager.sameAs(before) ? before : keyManager);
        }
        usable.keySet().retainAll(current.keySet());
        for (StoredKeyManager keyManager : current.values()) {
            if (!keyManager.isLoaded() && keyManager.since() + delayMillis <= System.currentTimeMillis()) {
                load(keyManager);
            }
        }
        seen.clear();
        seen.putAll(current);
    }

    /** A connector that lacks an endpoint fails while it is set up, and its key manager stays unusable. */
    private void load(StoredKeyManager keyManager) {
        keyManager.markLoaded();
        List<String> missing = keyManager.missingEndpoints(connector);
        if (missing.isEmpty()) {
            usable.put(keyManager.uuid(), keyManager);
        } else {
            usable.remove(keyManager.uuid());
            LOG.severe("Error while configuring Key Manager " + keyManager.name() + " of " + UserRealms.TENANT_DOMAIN + ": no " + missing);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "key-manager-runtime");
        thread.setDaemon(true);
        return thread;
    }
}
