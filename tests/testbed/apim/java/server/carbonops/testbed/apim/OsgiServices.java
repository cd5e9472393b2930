package carbonops.testbed.apim;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** A bundle context with a few services, for product code that looks them up through the kernel's context. */
final class OsgiServices {

    private final Map<String, ServiceReference<?>> references = new HashMap<>();
    private final Map<Object, Object> services = new HashMap<>();

    <T> OsgiServices with(Class<? super T> type, T service) {
        ServiceReference<?> reference = Fake.of(ServiceReference.class).make();
        references.put(type.getName(), reference);
        services.put(reference, service);
        return this;
    }

    void publish() throws ReflectiveOperationException {
        BundleContext context = Fake.of(BundleContext.class)
                .answer("createFilter", arguments -> filter((String) arguments[0]))
                .answer("getServiceReferences", arguments -> all(arguments[0], arguments[1]))
                .answer("getServiceReference", arguments -> references.get(name(arguments[0])))
                .answer("getService", arguments -> services.get(arguments[0]))
                .make();
        Class<?> holder = Class.forName("org.wso2.carbon.context.internal.OSGiDataHolder");
        Object instance = holder.getMethod("getInstance").invoke(null);
        for (Method method : holder.getMethods()) {
            if (method.getName().equals("setBundleContext")) {
                method.invoke(instance, context);
            }
        }
    }

    /** Some ask by the type, others by a filter that names it. */
    private ServiceReference<?>[] all(Object type, Object filter) {
        String wanted = type == null ? String.valueOf(filter).replaceAll(".*\\(objectClass=([^)]*)\\).*", "$1") : name(type);
        ServiceReference<?> reference = references.get(wanted);
        return reference == null ? new ServiceReference<?>[0] : new ServiceReference<?>[] {reference};
    }

    private static String name(Object type) {
        return type instanceof Class ? ((Class<?>) type).getName() : String.valueOf(type);
    }

    private static Object filter(String text) {
        try {
            return FrameworkUtil.createFilter(text);
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
